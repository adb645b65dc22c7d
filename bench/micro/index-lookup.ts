// Question: what does it cost to find the bytes of a fetch in a real log?
// Unit: one lookup. The log is in a temporary directory and warm; offsets are visited in a scattered order, as many
// consumers at different places would, and then at the tail, as consumers that keep up do.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, Lookup } from '../../src/native/engine.js'
import { openEngine } from './engine.js'
import { type MicroBench, mix, type Subject } from './harness.js'
import { batchOf } from './messages.js'

/** Prime, so that its multiples visit every offset. */
const STRIDE = 7_919
const TIMESTAMP = 1_700_000_000_000

export const indexLookup: MicroBench = {
  name: 'index-lookup',
  question: 'What does it cost to find the bytes of a fetch?',
  unit: 'lookup',
  parameters: {
    repeats: { small: 4, real: 1_000 },
    batches: { small: 40, real: 50_000 },
    batchBytes: { small: 200, real: 1_000 },
    segmentBytes: { small: 4_000, real: 16 << 20 },
  },
  async open({ repeats = 0, batches = 0, batchBytes = 0, segmentBytes = 0 }) {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
    const filling = await filled(directory, { batches, batchBytes, segmentBytes })
    const { engine, log } = filling
    const lookups = { engine, log, repeats, batches }
    return {
      subjects: [
        looking('scattered, up to 64 KB', lookups, 65_536, (i) => (i * STRIDE) % batches),
        looking('scattered, up to 1 MB', lookups, 1 << 20, (i) => (i * STRIDE) % batches),
        looking('last batch', lookups, 65_536, () => batches - 1),
        looking('at the end, nothing there', lookups, 65_536, () => batches),
      ],
      async close() {
        await engine.stop()
        await rm(directory, { recursive: true, force: true })
      },
    }
  },
}

interface Filling {
  readonly batches: number
  readonly batchBytes: number
  readonly segmentBytes: number
}

/** A log of one-record batches, all of them written. */
async function filled(directory: string, { batches, batchBytes, segmentBytes }: Filling) {
  const engine = openEngine()
  const { log } = await engine.openLog({
    directory: join(directory, 'bench-0'),
    logStartOffset: 0,
    recoveryPoint: 0,
    compactedBelow: 0,
    smallFiles: [],
    expected: null,
    segmentBytes,
    segmentMs: 7 * 24 * 3_600_000,
    indexIntervalBytes: 4_096,
    segmentIndexBytes: 10 << 20,
    flushMessages: Number.MAX_SAFE_INTEGER,
  })
  const batch = batchOf(batchBytes)
  // The engine's memory for copies is bounded, so a thousand appends at a time are waited for.
  const step = 1_000
  for (let baseOffset = 0; baseOffset < batches; ) {
    const wanted = Math.min(batches, baseOffset + step)
    for (; baseOffset < wanted; baseOffset++) {
      batch.writeBigInt64BE(BigInt(baseOffset))
      const endOffset = baseOffset + 1
      const options = { baseOffset, endOffset, maxTimestamp: TIMESTAMP, recordCount: 1, ticket: 0 }
      engine.appendBytes(log, batch, options)
    }
    await engine.flushLog(log)
  }
  return { engine, log }
}

function looking(
  name: string,
  from: {
    readonly engine: Engine
    readonly log: number
    readonly repeats: number
    readonly batches: number
  },
  maxBytes: number,
  offsetOf: (index: number) => number,
): Subject {
  const { engine, log, repeats, batches } = from
  const query: Lookup = {
    log,
    offset: 0,
    maxOffset: batches,
    maxBytes,
    atLeastOneBatch: true,
    segment: 0,
    position: 0,
    length: 0,
    endOffset: 0,
  }
  return {
    name,
    operations: repeats,
    run() {
      let hash = 0
      for (let i = 0; i < repeats; i++) {
        query.offset = offsetOf(i)
        hash = mix(hash, engine.lookup(query))
        hash = mix(mix(hash, query.position), query.length)
      }
      return hash
    },
  }
}
