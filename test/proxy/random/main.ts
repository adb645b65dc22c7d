// Random histories over a bad network, by hand:
//
//   [BROKER=host:port] node --import tsx test/proxy/random/main.ts [--seed 1] [--histories 100] [--age new|old]
//     [--producers 3] [--partitions 2] [--steps 60] [--hurried] [--verbose]
//
// `--hurried` lets late frames also arrive while markers are under way, when their answers depend on the moment and a
// seed does not always play the same history.
//
// Plays seeds from --seed on and prints what each found; exit code 1 when any did. `old` speaks the protocol before
// KIP-890 to a broker with transaction.version 1, which is to find something soon. With BROKER it plays against that
// one, which has to be alone and let its features be changed.

import { parseArgs } from 'node:util'
import { Peer, setTransactionVersion } from '../../e2e/peer.js'
import { playHistory } from './history.js'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    histories: { type: 'string', default: '100' },
    age: { type: 'string', default: 'new' },
    producers: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '2' },
    steps: { type: 'string', default: '60' },
    hurried: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})
const age = values.age === 'old' ? 'old' : 'new'
const peer = await Peer.start()
await setTransactionVersion(peer.client, age === 'old' ? 1 : 2)
let transactions = 0
let failed = 0
const last = Number(values.seed) + Number(values.histories)
for (let seed = Number(values.seed); seed < last; seed++) {
  const history = await playHistory(peer, {
    seed,
    age,
    producers: Number(values.producers),
    partitions: Number(values.partitions),
    steps: Number(values.steps),
    hurried: values.hurried,
    stableWithinMs: 30_000,
  })
  transactions += history.transactions
  if (values.verbose) for (const line of history.lines) console.log(line)
  if (history.findings.length === 0) continue
  failed++
  console.log(`seed ${seed}:`)
  for (const finding of history.findings) console.log(`  ${finding}`)
}
console.log(`${values.histories} histories, ${transactions} transactions, ${failed} with findings`)
await setTransactionVersion(peer.client, 2)
await peer.stop()
process.exitCode = failed > 0 ? 1 : 0
