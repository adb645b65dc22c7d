// Goal: whatever a network holds back, loses, repeats and reorders, several transactional producers lose no
// acknowledged write, readers of committed records see no aborted one and nothing twice or torn, and the last stable
// offset moves on. The same histories in the protocol before KIP-890 find what it had to repair, so the driver is able
// to find something. Method: histories drawn from fixed seeds; more of them by hand, see test/proxy/random/main.ts.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { playHistory } from '../proxy/random/history.js'
import type { Age } from '../support/transaction-client.js'
import { Peer, setTransactionVersion } from './peer.js'

let peer: Peer
before(async () => {
  peer = await Peer.start()
})
after(() => peer.stop())

const play = (age: Age, seed: number) =>
  playHistory(peer, { seed, age, producers: 3, partitions: 2, steps: 60, stableWithinMs: 30_000 })

for (const seed of [1, 2, 3, 4, 5]) {
  test(`new: the history of seed ${seed} holds`, async () => {
    const { findings, lines, transactions } = await play('new', seed)
    assert.deepEqual(findings, [], lines.join('\n'))
    assert.ok(transactions > 4)
  })
}

test('old: the history of seed 10 loses a committed record and shows an aborted one', async () => {
  await setTransactionVersion(peer.client, 1)
  const { findings, lines } = await play('old', 10)
  assert.match(findings.join('\n'), /lost, its transaction was committed/, lines.join('\n'))
  assert.match(findings.join('\n'), /read, its transaction was aborted/)
})
