// What compaction costs, and what it leaves to those who produce meanwhile.

import { setTimeout as pause } from 'node:timers/promises'
import { WireClient } from '../../../test/support/wire-client.js'
import { closedBytes, createKeyed, fillKeyed, isClean, type KeyedShape, makeDue } from '../keyed-topic.js'
import { countedLoad, metered } from '../metered.js'
import type { RunningPeer } from '../peers.js'
import { type Scenario, type ScenarioSize, scaled } from '../scenario.js'
import { FOUR, KB } from './produce.js'

const MB = 1_000_000
const LOOK_PAUSE_MS = 5
const CLEAN_TIMEOUT_MS = 600_000

/** A gigabyte of which a tenth stays. */
const GIGABYTE: KeyedShape = { records: 1_000_000, recordBytes: 1_000, keys: 100_000, segmentBytes: 64 * MB }
const SEGMENT_BYTES_MIN = 1_048_576

const SETTINGS = ['log.cleaner.backoff.ms=100', 'log.retention.check.interval.ms=1000']

function shapeOf(size: ScenarioSize): KeyedShape {
  const records = Math.max(20_000, Math.round(GIGABYTE.records * size.scale))
  const share = records / GIGABYTE.records
  return {
    ...GIGABYTE,
    records,
    keys: Math.round(GIGABYTE.keys * share),
    segmentBytes: Math.max(SEGMENT_BYTES_MIN, Math.round(GIGABYTE.segmentBytes * share)),
  }
}

/** Of which nothing is due yet. */
async function filledTopic(peer: RunningPeer, size: ScenarioSize) {
  const shape = shapeOf(size)
  const client = await WireClient.open(peer.bootstrap)
  await createKeyed(client, shape)
  await fillKeyed(client, shape)
  return { client, shape }
}

async function untilClean(peer: RunningPeer): Promise<void> {
  for (const deadline = performance.now() + CLEAN_TIMEOUT_MS; !isClean(peer); ) {
    if (performance.now() > deadline) throw new Error('the topic did not become clean')
    await pause(LOOK_PAUSE_MS)
  }
}

export const CLEANER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'clean-1-GB',
    driver: 'native',
    withoutIdeal: true,
    withoutSystemCalls: true,
    settings: SETTINGS,
    question:
      'How fast is a log of 1 KB records compacted of which nine in ten were superseded, and at what cost?',
    async run(peer, size) {
      const { client } = await filledTopic(peer, size)
      const bytes = closedBytes(peer)
      const began = performance.now()
      const work = async () => {
        await makeDue(client)
        await untilClean(peer)
      }
      const { cost } = await metered(peer, size, work, () => ({ bytes }))
      client.close()
      const seconds = (performance.now() - began) / 1_000
      return { MBps: bytes / MB / seconds, ...cost, leftPercent: (100 * closedBytes(peer)) / bytes }
    },
  },
  {
    name: 'produce-beside-cleaning',
    driver: 'native',
    withoutIdeal: true,
    withoutSystemCalls: true,
    settings: SETTINGS,
    question:
      'What is left to a producer of 64 KB batches while the cleaner works and retention deletes behind it?',
    async run(peer, size) {
      const { client, shape } = await filledTopic(peer, size)
      await makeDue(client)
      const segmentBytes = Math.max(SEGMENT_BYTES_MIN, Math.round(64 * MB * Math.min(1, size.scale)))
      // Writes go on, so that there is always something to clean.
      const writing = new AbortController()
      const writer = keepWriting(peer, shape, writing.signal)
      const load = { 'config.segment.bytes': segmentBytes, 'config.retention.bytes': 2 * segmentBytes }
      const requests = scaled(32_000, size)
      const figures = await countedLoad(peer, size, {
        mode: 'produce',
        ...FOUR,
        ...load,
        batch: 64 * KB,
        requests,
      })
      writing.abort()
      await writer
      client.close()
      return figures
    },
  },
]

/** At an even pace, the same for every peer. */
async function keepWriting(peer: RunningPeer, shape: KeyedShape, signal: AbortSignal): Promise<void> {
  const client = await WireClient.open(peer.bootstrap)
  while (!signal.aborted) {
    await fillKeyed(client, { ...shape, records: 2_000 })
    await pause(100)
  }
  client.close()
}
