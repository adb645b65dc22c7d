// Compiles the C++ addon with node-gyp, using the headers that came with this Node where it has them, so that
// nothing but packages has to be downloaded.
//
//   node .ci/build-addon.mjs [--incremental]

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root } from './files.mjs'

const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
const verbs = process.argv.includes('--incremental') ? ['configure', 'build'] : ['rebuild']
const beside = dirname(dirname(process.execPath))
const chosen = process.env.npm_config_nodedir || process.env.npm_config_disturl
const headers = !chosen && existsSync(join(beside, 'include/node/node_api.h')) ? ['--nodedir', beside] : []
const args = [nodeGyp, ...verbs, '--jobs', '2', '--loglevel', 'warn', ...headers]
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1
