// Goal: after a crash, as many logs of a directory are recovered at once as `num.recovery.threads.per.data.dir` says,
// of all directories at the same time, and a slow directory holds up no other. Method: an engine whose recoveries end
// when the test says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokerConfig } from '../../src/config/broker-config.js'
import { DIRECTORY_CONCURRENCY_MAX } from '../../src/log/limits.js'
import { logManagerOptions } from '../../src/log/log-manager-options.js'
import type { OpenedLog, OpenLogOptions } from '../../src/native/engine.js'
import { SimDisk } from '../sim/disk.js'
import { SimEngine } from '../sim/engine.js'
import { settled, World } from '../sim/world.js'

const logDirs = ['/data/a', '/data/b']
const PARTITIONS = 24

class HeldEngine extends SimEngine {
  readonly held: { readonly directory: string; end(): void }[] = []

  override async openLog(options: OpenLogOptions): Promise<OpenedLog> {
    await new Promise<void>((end) => this.held.push({ directory: options.directory, end }))
    return super.openLog(options)
  }

  heldIn(logDir: string) {
    return this.held.filter(({ directory }) => directory.startsWith(logDir))
  }

  /** Lets the oldest recovery of the directory end. */
  endOne(logDir: string): void {
    const [oldest] = this.heldIn(logDir)
    assert.ok(oldest)
    this.held.splice(this.held.indexOf(oldest), 1)
    oldest.end()
  }
}

/** Partitions in both directories, as a killed or a stopped broker leaves them. */
async function diskOf(stop: 'clean' | 'killed'): Promise<SimDisk> {
  const world = await World.start({ disk: new SimDisk(), options: { logDirs, metadataLogDir: '/data/a' } })
  for (let partition = 0; partition < PARTITIONS; partition++) await world.open('orders', { partition })
  if (stop === 'clean') await world.logs.stop()
  else world.engine.crash()
  world.disk.locks.clear()
  return world.disk
}

async function startOn(disk: SimDisk, options: { recoveryThreadsPerDirectory: number }) {
  const engine = new HeldEngine({ disk })
  const world = await World.start({
    disk,
    engine,
    options: { logDirs, metadataLogDir: '/data/a', ...options },
  })
  const opening = Array.from({ length: PARTITIONS }, (_, partition) => world.open('orders', { partition }))
  await settled()
  return { engine, all: Promise.all(opening) }
}

for (const recoveryThreadsPerDirectory of [1, 3]) {
  test(`${recoveryThreadsPerDirectory} at once in each of two directories`, async () => {
    const { engine, all } = await startOn(await diskOf('killed'), { recoveryThreadsPerDirectory })
    const running = () => logDirs.map((logDir) => engine.heldIn(logDir).length)
    assert.deepEqual(running(), [recoveryThreadsPerDirectory, recoveryThreadsPerDirectory])
    // The first directory is done to its end while nothing in the second one ends.
    for (let left = PARTITIONS / 2; left > 0; left--) {
      const expected = [Math.min(left, recoveryThreadsPerDirectory), recoveryThreadsPerDirectory]
      assert.deepEqual(running(), expected, `${left} left`)
      engine.endOne('/data/a')
      await settled()
    }
    for (let left = PARTITIONS / 2; left > 0; left--) {
      engine.endOne('/data/b')
      await settled()
    }
    assert.equal((await all).length, PARTITIONS)
  })
}

test('of many to open few are under way, and a directory that hangs holds up no other', async () => {
  const disk = await diskOf('killed')
  const world = await World.start({ disk, options: { logDirs, metadataLogDir: '/data/a' } })
  const found = world.logs.directories.map((directory) => new Set(directory.found.keys()))
  const items = Array.from({ length: 10 * PARTITIONS }, (_, partition) => ({ topic: 'orders', partition }))
  const begun: number[] = []
  let hang: () => void = () => {}
  const hanging = new Promise<void>((resolve) => {
    hang = resolve
  })
  const all = world.logs.inTurns(items, async ({ partition }) => {
    begun.push(partition)
    if (!found[1]?.has(`orders-${partition}`)) await hanging
  })
  await settled()
  const begunIn = (directory: number) =>
    begun.filter((partition) => found[directory]?.has(`orders-${partition}`)).length
  assert.equal(begunIn(1), PARTITIONS / 2)
  // Those that are not there yet lie in no directory.
  assert.equal(begun.length - begunIn(0) - begunIn(1), DIRECTORY_CONCURRENCY_MAX)
  hang()
  await all
  assert.equal(begun.length, items.length)
})

test('after a clean stop nothing is scanned and the limit does not count', async () => {
  const { engine, all } = await startOn(await diskOf('clean'), { recoveryThreadsPerDirectory: 1 })
  assert.equal(engine.held.length, PARTITIONS)
  for (const { end } of engine.held.splice(0)) end()
  assert.equal((await all).length, PARTITIONS)
})

test('the broker takes the number from its setting', () => {
  const { config } = BrokerConfig.parse({ overrides: { 'num.recovery.threads.per.data.dir': '7' } })
  const options = logManagerOptions(config)
  assert.equal(options.recoveryThreadsPerDirectory, 7)
  config.setDynamic('num.recovery.threads.per.data.dir', '9', 'cluster')
  assert.equal(options.recoveryThreadsPerDirectory, 9)
})
