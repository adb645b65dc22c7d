// Installs or builds what the steps of a comparison need, and nothing that is there already.

import { execFileSync } from 'node:child_process'
import { existsSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compileTools } from './java-tools.js'
import { installKafka } from './kafka.js'
import { buildLibrdkafka } from './librdkafka.js'
import { buildNativeTools } from './native-tools.js'
import type { PeerName } from './peers.js'
import { MEMORY, MILLRACE } from './places.js'
import type { Scenario } from './scenario.js'

export async function prepare(
  peers: readonly PeerName[],
  scenarios: readonly Scenario[],
  scale: number,
): Promise<void> {
  requireMemory(scenarios, scale)
  const drivers = new Set(scenarios.map(({ driver }) => driver))
  if (!existsSync(join(MILLRACE, 'dist/cli/millrace.js'))) {
    execFileSync('npm', ['run', 'build'], { cwd: MILLRACE, stdio: ['ignore', 2, 2] })
  }
  if (peers.includes('kafka') || drivers.has('java')) installKafka()
  if (drivers.has('java')) await compileTools()
  if (drivers.has('librdkafka')) buildLibrdkafka()
  await buildNativeTools()
}

/** Said before anything is measured and not after an hour, when a broker finds no space. */
function requireMemory(scenarios: readonly Scenario[], scale: number): void {
  const place = dirname(MEMORY)
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  for (const { name, bytesInMemory } of scenarios) {
    if (bytesInMemory === undefined) continue
    const wanted = bytesInMemory * scale
    const { bavail, bsize } = statfsSync(place)
    if (wanted <= bavail * bsize) continue
    throw new Error(
      `${name} writes ${gigabytes(wanted)} to ${place}, where ${gigabytes(bavail * bsize)} are free: ` +
        'enlarge that file system, choose a smaller --scale, or leave the scenario out',
    )
  }
}
