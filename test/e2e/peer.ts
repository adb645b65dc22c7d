// Tests of behaviour that Kafka decides run against Kafka too:
//
//   BROKER=host:port node --import tsx --test test/e2e/NAME.test.ts

import assert from 'node:assert/strict'
import type { EmbeddedOptions, RunningBroker } from '../../src/index.js'
import { ErrorCode } from '../../src/protocol/errors.js'
import * as calls from '../support/calls.js'
import * as txn from '../support/transaction-calls.js'
import { TransactionClient } from '../support/transaction-client.js'
import { WireClient } from '../support/wire-client.js'
import { newTopic, start } from './fixture.js'

/** Somebody else's broker, whose settings are as they are. */
export const foreign = process.env.BROKER

const overrides = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': 50 }

/** A broker and a connection to it. */
export class Peer {
  private constructor(
    readonly bootstrap: string,
    readonly client: WireClient,
    private readonly broker: RunningBroker | null,
  ) {}

  static async start(options: EmbeddedOptions = {}): Promise<Peer> {
    const broker = foreign === undefined ? await start({ overrides, ...options }) : null
    const bootstrap = foreign ?? (broker as RunningBroker).bootstrap
    return new Peer(bootstrap, await WireClient.open(bootstrap), broker)
  }

  async stop(): Promise<void> {
    this.client.close()
    await this.broker?.stop()
  }
}

let named = 0

/** Unique, so that what an earlier run left behind on a foreign broker does not matter. */
export function freshName(what: string): string {
  return `${what}-${process.pid}-${named++}`
}

export async function freshTopic(client: WireClient, partitions = 1): Promise<string> {
  const name = freshName('topic')
  // The records of tests are old.
  const topics = [newTopic(name, partitions, { 'retention.ms': '-1' })]
  const created = await client.call(calls.createTopics, 7, { topics })
  assert.equal(created.topics[0]?.errorCode, ErrorCode.NONE)
  for (let partition = 0; partition < partitions; partition++) await untilLed(client, name, partition)
  return name
}

/** Kafka answers before its partitions are open. */
async function untilLed(client: WireClient, name: string, partitionIndex: number): Promise<void> {
  const partitions = [{ partitionIndex, timestamp: -1 }]
  const request = { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }] }
  for (;;) {
    const { topics } = await client.call(calls.listOffsets, 6, request)
    if (topics[0]?.partitions[0]?.errorCode === ErrorCode.NONE) return
  }
}

/** Until the coordinator of the key answers. */
export async function coordinatorReady(client: WireClient, key: string, keyType: 0 | 1): Promise<void> {
  for (;;) {
    const { coordinators } = await client.call(calls.findCoordinator, 4, { keyType, coordinatorKeys: [key] })
    if (coordinators[0]?.errorCode === ErrorCode.NONE) return
    assert.equal(coordinators[0]?.errorCode, ErrorCode.COORDINATOR_NOT_AVAILABLE)
  }
}

/** Of the newest protocol, once the coordinator of its id answers. */
export async function transactionClient(peer: Peer, id: string): Promise<TransactionClient> {
  await coordinatorReady(peer.client, id, 1)
  return TransactionClient.open(peer.bootstrap, 'new', id)
}

export async function setTransactionVersion(client: WireClient, level: 0 | 1 | 2): Promise<void> {
  const software = { clientSoftwareName: 'test', clientSoftwareVersion: '1' }
  const finalized = async () => {
    const { finalizedFeatures } = await client.call(calls.apiVersions, 4, software)
    return finalizedFeatures.find(({ name }) => name === 'transaction.version')?.maxVersionLevel ?? 0
  }
  const present = await finalized()
  if (present === level) return
  const upgradeType = level > present ? 1 : 2
  const { errorCode } = await client.call(txn.updateFeatures, 2, {
    featureUpdates: [{ feature: 'transaction.version', maxVersionLevel: level, upgradeType }],
    validateOnly: false,
  })
  assert.equal(errorCode, ErrorCode.NONE)
  while ((await finalized()) !== level);
}
