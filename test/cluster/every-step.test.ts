// Goal: wherever a process ends while it writes metadata, snapshots of it and lets go of what they stand for, by a
// kill or a power cut, or whichever operation fails, the next start has the image that was acknowledged.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '../../src/base/logger.js'
import { metadataSnapshots, openMetadataLog, readSnapshot } from '../../src/broker/metadata-log.js'
import { snapshotsAmong } from '../../src/cluster/metadata-snapshot.js'
import { MetadataStore } from '../../src/cluster/metadata-store.js'
import { MutableImage } from '../../src/cluster/mutable-image.js'
import type { BrokerConfig } from '../../src/config/broker-config.js'
import { everyStep, type Scenario, SteppedEngine, SteppedFiles } from '../sim/every-step.js'
import { settled, World } from '../sim/world.js'
import { broker } from './fixture.js'

const BROKERS = 12
const settings = {
  number: (key: string) => (key === 'metadata.log.max.record.bytes.between.snapshots' ? 400 : 0),
} as unknown as BrokerConfig

async function openStore(world: World) {
  const log = await openMetadataLog(world.logs)
  const image = new MutableImage({ clusterId: 'cluster', nodeId: 0 })
  const snapshots = metadataSnapshots(world.files, log, settings)
  const store = new MetadataStore(image, log, { clock: world.clock, logger: nullLogger, snapshots })
  await store.replay(await readSnapshot(world.files, log, nullLogger))
  return { image, store, log }
}

const registrations: Scenario<number[]> = {
  facts: () => [],
  async run({ disk, steps }, facts) {
    const engine = new SteppedEngine(disk, steps)
    const world = await World.start({ disk, engine, files: new SteppedFiles(disk, steps) })
    const { store } = await openStore(world)
    for (let id = 0; id < BROKERS; id++) {
      const appended = store.append([{ type: 'RegisterBroker', value: broker(id) }])
      engine.run()
      await appended
      facts.push(id)
      await settled()
    }
    await world.logs.stop()
  },
  async check({ disk }, facts) {
    disk.locks.clear()
    const world = await World.start({ disk, auto: true })
    const { image, store } = await openStore(world)
    for (const id of facts) assert.ok(image.brokers.has(id), `broker ${id}`)
    await store.append([{ type: 'RegisterBroker', value: broker(100) }])
    await world.logs.stop()
    const again = await World.start({ disk, auto: true })
    const later = await openStore(again)
    for (const id of [...facts, 100])
      assert.ok(later.image.brokers.has(id), `broker ${id} after another start`)
    await again.logs.stop()
    if (facts.length < BROKERS) return
    const kept = snapshotsAmong(disk.list('/data/a/__cluster_metadata-0') ?? [])
    assert.ok(kept.length > 0 && later.log.logStartOffset > 0, 'snapshots were written, and the log was cut')
  },
}

test('metadata and its snapshots: stopped at every step', async (t) => {
  const steps = await everyStep(registrations)
  t.diagnostic(`${steps} steps`)
  assert.ok(steps >= 80, `${steps} steps`)
})

for (const code of ['ENOSPC', 'EIO']) {
  test(`metadata and its snapshots: every step fails once with ${code}`, async () => {
    await everyStep(registrations, code)
  })
}
