// The delaying proxy as a program: `node --import tsx test/proxy/main.ts HOST:PORT [SEED]`. Prints its address. About
// one in eight of the requests that move a transaction on is held long enough for an impatient client to give it up.

import { SeededRandom } from '../../src/base/random.js'
import { ApiKey } from '../../src/protocol/api-key.js'
import { DelayingProxy } from './delaying-proxy.js'

const [target = '127.0.0.1:9092', seed = '1'] = process.argv.slice(2)
const HELD: ReadonlySet<number> = new Set([
  ApiKey.Produce,
  ApiKey.AddPartitionsToTxn,
  ApiKey.EndTxn,
  ApiKey.TxnOffsetCommit,
])
const ONE_IN = 8
const HOLD_MIN_MS = 1_200
const HOLD_SPREAD_MS = 1_500

const random = new SeededRandom(Number(seed))
const proxy = await DelayingProxy.start(target)
let count = 0
proxy.chance = (apiKey) => {
  if (!HELD.has(apiKey) || random.int(ONE_IN) !== 0) return 0
  count++
  return HOLD_MIN_MS + random.int(HOLD_SPREAD_MS)
}
console.log(proxy.bootstrap)
process.on('SIGTERM', () => {
  console.log(`held ${count}`)
  process.exit(0)
})
