// What exactly-once costs: an idempotent producer beside a plain one on the same broker, and transactions.

import { createTopic, transactionRate } from '../java-tools.js'
import { type LoadOutcome, runLoad } from '../native-tools.js'
import { type Scenario, scaled } from '../scenario.js'
import { summarize } from '../statistics.js'
import { cpuSecondsBetween, usageOf } from '../usage.js'

const PAIRS = 24
const WARMING = 1
const REQUESTS = 4_000
const BATCH_BYTES = 16_384
const RECORDS_PER_TRANSACTION = 100

interface Run {
  readonly MBps: number
  readonly cpuSeconds: number
}

const idempotence: Scenario = {
  name: 'idempotence',
  driver: 'native',
  withoutSystemCalls: true,
  bytesInMemory: (WARMING + PAIRS) * 2 * REQUESTS * BATCH_BYTES,
  question:
    'What does an idempotent producer take from the rate, and add to the CPU, of a plain one? Medians over short pairs.',
  async run(peer, size) {
    // Short, so that a pair meets the same neighbours. Every batch of the idempotent producer is made before, so this
    // many lie in the generator's memory; what all pairs write lies in that of the file system.
    const requests = scaled(REQUESTS, size, 400)
    const measured = async (name: string, producer: number): Promise<Run> => {
      const before = usageOf(peer.pid)
      const options = {
        mode: 'produce',
        topic: name,
        batch: BATCH_BYTES,
        acks: 1,
        requests,
        distinct: requests,
        producer,
      }
      const { MBps }: LoadOutcome = await runLoad(peer.bootstrap, options)
      return { MBps, cpuSeconds: cpuSecondsBetween(before, usageOf(peer.pid)) }
    }
    await measured('warm-plain', -1)
    await measured('warm-idempotent', 1)
    const pairs: Record<'plain' | 'idempotent', Run>[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      const plainFirst = pair % 2 === 0
      const before = plainFirst ? await measured(`plain-${pair}`, -1) : null
      const idempotent = await measured(`idempotent-${pair}`, 1)
      pairs.push({ plain: before ?? (await measured(`plain-${pair}`, -1)), idempotent })
    }
    const median = (figure: (pair: (typeof pairs)[number]) => number) => summarize(pairs.map(figure)).median
    return {
      plainMBps: median(({ plain }) => plain.MBps),
      idempotentMBps: median(({ idempotent }) => idempotent.MBps),
      idempotentRateRatio: median(({ plain, idempotent }) => idempotent.MBps / plain.MBps),
      idempotentCpuRatio: median(({ plain, idempotent }) => idempotent.cpuSeconds / plain.cpuSeconds),
    }
  },
}

const transactions: Scenario = {
  name: 'transactions-of-100-records',
  driver: 'java',
  withoutSystemCalls: true,
  question: 'How many transactions of 100 records of 100 bytes per second does one producer get done?',
  async run(peer, size) {
    await createTopic(peer.bootstrap, 'transactions', 1)
    const count = scaled(4_000, size, 40)
    const before = usageOf(peer.pid)
    const load = {
      topic: 'transactions',
      transactions: count,
      records: RECORDS_PER_TRANSACTION,
      recordBytes: 100,
    }
    const transactionsPerSecond = await transactionRate(peer.bootstrap, load)
    const cpuSeconds = cpuSecondsBetween(before, usageOf(peer.pid))
    // The warm-up is a quarter more.
    return { transactionsPerSecond, cpuMsPerTransaction: (cpuSeconds * 1_000) / (count * 1.25) }
  },
}

export const EXACTLY_ONCE_SCENARIOS: readonly Scenario[] = [idempotence, transactions]
