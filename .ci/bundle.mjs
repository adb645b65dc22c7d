// Makes one file of the command line's entry and all it imports: opening some 300 modules one by one is half of the
// start otherwise. Native packages stay outside and are loaded when they are first needed.

import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './files.mjs'

const entry = join(root, 'dist/cli/millrace.js')

await build({
  entryPoints: [entry],
  outfile: entry,
  allowOverwrite: true,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  external: ['snappy', 'lz4-napi', '@mongodb-js/zstd', 'uWebSockets.js'],
  // Packages in CommonJS ask for built-in modules by `require`.
  banner: {
    js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
  },
})
