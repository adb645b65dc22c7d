// How records get in: sizes of batches and records, acknowledgements, compression, durability.

import { join } from 'node:path'
import { writeBatch } from '../batches.js'
import { type CountedOptions, countedLoad } from '../metered.js'
import { WORK } from '../places.js'
import { type Figures, partOf, type Scenario } from '../scenario.js'

export const KB = 1024
export const FOUR = { topic: 'bench', partitions: 4, connections: 4 } as const
const SIXTY_FOUR = { topic: 'bench', partitions: 4, connections: 64, in_flight: 1, batch: 0 } as const

export const PRODUCE_SCENARIOS: readonly Scenario[] = [
  produce('produce-16-KB', 'batches of 16 KB', { ...FOUR, batch: 16 * KB, requests: 80_000 }),
  produce('produce-64-KB', 'batches of 64 KB', { ...FOUR, batch: 64 * KB, requests: 32_000 }),
  // The largest batch that Kafka takes by default is a little smaller than 1 MiB.
  produce('produce-1-MB', 'batches of 1 MB', { ...FOUR, batch: 1_000_000, requests: 2_000 }),
  produce('produce-one-record', 'requests of one 1 KB record over 64 connections', {
    ...SIXTY_FOUR,
    requests: 300_000,
  }),
  produce('request-storm', 'requests of one 100-byte record, 16 in flight on each of 64 connections,', {
    ...SIXTY_FOUR,
    in_flight: 16,
    record: 100,
    requests: 600_000,
  }),
  {
    ...produce('durable-acks', 'requests of one 1 KB record that are synced before they are acknowledged', {
      ...SIXTY_FOUR,
      'config.flush.messages': 1,
      requests: 20_000,
    }),
    withoutIdeal: true,
  },
  {
    name: 'produce-matrix',
    driver: 'native',
    question:
      'How many records of 100 B, 1 KB and 10 KB per second, for which acknowledgement and compression, and for how much CPU?',
    async run(peer, size) {
      const figures: Figures = {}
      for (const cell of MATRIX) {
        const measured = await countedLoad(peer, size, await optionsOf(cell))
        Object.assign(figures, partOf(nameOf(cell), picked(measured)))
      }
      return figures
    },
  },
]

function produce(name: string, what: string, load: CountedOptions): Scenario {
  return {
    name,
    driver: 'native',
    question: `How many ${what} per second does the broker take in with acks=1, and for how much CPU?`,
    run: (peer, size) => countedLoad(peer, size, { mode: 'produce', acks: 1, ...load }),
  }
}

export interface Cell {
  readonly acks: '0' | '1' | 'all'
  readonly compression: 'none' | 'lz4' | 'zstd'
  readonly recordBytes: number
}

const RECORD_BYTES = [100, 1_000, 10_000]
const COMPRESSIONS = ['none', 'lz4', 'zstd'] as const
const ACKS = ['0', '1', 'all'] as const

/** Every combination, in the order of a table whose rows are record size and compression. */
export const MATRIX: readonly Cell[] = RECORD_BYTES.flatMap((recordBytes) =>
  COMPRESSIONS.flatMap((compression) => ACKS.map((acks) => ({ acks, compression, recordBytes }))),
)

/** The same text in batches of 64 KB before compression, so that a row compares equal work. */
async function optionsOf({ acks, compression, recordBytes }: Cell): Promise<CountedOptions> {
  const shape = { recordBytes, batchBytes: 64 * KB, compression }
  const path = await writeBatch(join(WORK, 'batches'), shape)
  const load = { ...FOUR, acks: acks === 'all' ? -1 : Number(acks), batch_file: path, distinct: 1 }
  return { mode: 'produce', ...load, requests: 8_000 }
}

export function nameOf({ acks, compression, recordBytes }: Cell): string {
  return `${recordBytes}B-${compression}-acks-${acks}`
}

function picked({ recordsPerSecond, cpuSecondsPerMillionRequests, p99Us, systemCallsPerRequest }: Figures) {
  const all = { recordsPerSecond, cpuSecondsPerMillionRequests, p99Us, systemCallsPerRequest }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Figures
}
