// Makes one file of the command line and all it imports: opening some 300 modules one by one is half of the start
// otherwise. Native packages stay outside and are loaded when they are first needed.

import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './files.mjs'

const directory = join(root, 'dist/cli')
const common = { bundle: true, platform: 'node', target: 'node20', charset: 'ascii', logLevel: 'warning' }

// A function of what `src/cli/bundled.ts` calls it with: a script, unlike a module, can be given its code cache.
await build({
  ...common,
  entryPoints: [join(directory, 'program.js')],
  outfile: join(directory, 'program.bundle.js'),
  format: 'cjs',
  define: { 'import.meta.url': 'programUrl' },
  banner: { js: '(function (require, programUrl) {' },
  footer: { js: '})' },
  external: ['snappy', 'lz4-napi', '@mongodb-js/zstd', 'uWebSockets.js'],
  supported: { 'dynamic-import': false },
})

await build({
  ...common,
  entryPoints: [join(directory, 'bundled.js')],
  outfile: join(directory, 'millrace.js'),
  allowOverwrite: true,
  format: 'esm',
})
