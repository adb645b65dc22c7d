// Installs or builds what the steps of a comparison need, and nothing that is there already.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compileTools } from './java-tools.js'
import { installKafka } from './kafka.js'
import { buildLibrdkafka } from './librdkafka.js'
import { buildNativeTools } from './native-tools.js'
import type { PeerName } from './peers.js'
import { MILLRACE } from './places.js'
import type { Scenario } from './scenario.js'

export async function prepare(peers: readonly PeerName[], scenarios: readonly Scenario[]): Promise<void> {
  const drivers = new Set(scenarios.map(({ driver }) => driver))
  if (!existsSync(join(MILLRACE, 'dist/cli/millrace.js'))) {
    execFileSync('npm', ['run', 'build'], { cwd: MILLRACE, stdio: ['ignore', 2, 2] })
  }
  if (peers.includes('kafka') || drivers.has('java')) installKafka()
  if (drivers.has('java')) await compileTools()
  if (drivers.has('librdkafka')) buildLibrdkafka()
  await buildNativeTools()
}
