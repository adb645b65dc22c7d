import { ApiKey } from '../protocol/api-key.js'
import { WriteTxnMarkersRequest, WriteTxnMarkersResponse } from '../protocol/messages/write-txn-markers.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { api } from './api.js'

type Marker = WriteTxnMarkersRequest['markers'][number]

/*
 * WriteTxnMarkers v1-v2. v2 the transaction version. Sent by other brokers and by operators who end a transaction
 * that hangs; this broker's own markers do not come this way. One marker after the other, each partition once, so
 * that a large request does not become as many appends at a time.
 */
export const writeTxnMarkers = (transactions: Pick<TransactionCoordinator, 'writeMarker'>) =>
  api({
    key: ApiKey.WriteTxnMarkers,
    min: 1,
    max: 2,
    request: WriteTxnMarkersRequest,
    response: WriteTxnMarkersResponse,
    async handle({ markers }) {
      const results: Awaited<ReturnType<typeof write>>[] = []
      for (const marker of markers) results.push(await write(transactions, marker))
      return { markers: results }
    },
    onError: ({ markers }, errorCode) => ({
      markers: markers.map(({ producerId, topics }) => ({
        producerId,
        topics: topics.map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
        })),
      })),
    }),
  })

async function write(
  transactions: Pick<TransactionCoordinator, 'writeMarker'>,
  { producerId, producerEpoch, coordinatorEpoch, transactionResult, transactionVersion, topics }: Marker,
) {
  const marker = {
    producerId,
    producerEpoch,
    coordinatorEpoch,
    commit: transactionResult,
    transactionVersion,
  }
  const written = topics.map(async ({ name, partitionIndexes }) => {
    const partitions = [...new Set(partitionIndexes)].map(async (partitionIndex) => ({
      partitionIndex,
      errorCode: await transactions.writeMarker({ topic: name, partition: partitionIndex }, marker),
    }))
    return { name, partitions: await Promise.all(partitions) }
  })
  return { producerId, topics: await Promise.all(written) }
}
