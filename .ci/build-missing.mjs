// Builds what `npm start` and `npm test` need and nothing else: the addon and `dist`, each when it is missing or
// older than its sources. A few milliseconds when there is nothing to do.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { filesBelow, newestMs, root } from './files.mjs'

const addon = join(root, '.ci/build-addon.mjs')
const tsc = join(root, 'node_modules/typescript/bin/tsc')

const nativeSources = ['binding.gyp', ...filesBelow('native', (file) => /\.(cc|h)$/.test(file))]
if (newestMs(['build/Release/millrace.node']) < newestMs(nativeSources)) {
  // Configuring again costs a second and takes in new files.
  run('the addon', addon, '--incremental')
}

const sources = ['src/tsconfig.json', 'tsconfig.json', ...filesBelow('src', (file) => file.endsWith('.ts'))]
if (newestMs(['dist/index.js', 'dist/cli/millrace.js']) < newestMs(sources)) {
  run('dist', tsc, '-p', 'src')
  run('the command line', join(root, '.ci/bundle.mjs'))
  run('its code cache', join(root, '.ci/code-cache.mjs'))
}

function run(what, script, ...args) {
  console.error(`building ${what} ...`)
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' })
  if (status === 0) return
  console.error(`building ${what} failed${error ? `: ${error.message}` : ''}`)
  process.exit(1)
}
