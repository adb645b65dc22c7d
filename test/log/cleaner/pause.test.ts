// Goal: the pause between looks at the logs has the length that is configured now.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogCleaner } from '../../../src/log/cleaner/log-cleaner.js'
import { NO_CLEANING } from '../../../src/log/cleaner/settings.js'
import { settled, World } from '../../sim/world.js'

test('a new backoff ends a pause of the old one', async () => {
  const world = await World.start()
  let backoffMs = 3_600_000
  let changed = () => {}
  let watched = true
  const settings = {
    ...NO_CLEANING,
    enabled: true,
    threads: 1,
    get backoffMs() {
      return backoffMs
    },
    watchBackoff(callback: () => void) {
      changed = callback
      return () => {
        watched = false
      }
    },
  }
  let looks = 0
  const partitions = () => {
    looks++
    return []
  }
  const cleaner = new LogCleaner(partitions, world.logs.services, settings, () => {})
  cleaner.start()
  world.advance(60_000)
  await settled()
  assert.equal(looks, 0)
  backoffMs = 200
  changed()
  world.advance(200)
  await settled()
  assert.equal(looks, 1)
  world.advance(200)
  await settled()
  assert.equal(looks, 2)
  cleaner.stop()
  assert.equal(watched, false)
  changed()
  world.advance(60_000)
  await settled()
  assert.equal(looks, 2)
})
