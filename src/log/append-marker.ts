import { ErrorCode } from '../protocol/errors.js'
import { buildTransactionMarker } from '../protocol/records/batch-builder.js'
import { submitBytes } from './append.js'
import type { Partition } from './partition.js'

export interface MarkerRequest {
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly commit: boolean
  /** From 2 on the marker carries an epoch above that of the transaction's records. */
  readonly transactionVersion: number
}

/**
 * Ends the producer's transaction in this partition. Resolves when the marker is written, with NONE, or refused:
 * INVALID_PRODUCER_EPOCH for a passed epoch, TRANSACTION_COORDINATOR_FENCED for a coordinator that was replaced,
 * UNKNOWN_SERVER_ERROR (Kafka's word for it) when it names no producer, KAFKA_STORAGE_ERROR. Never rejects. Its order
 * among appends is fixed at the call.
 */
export async function appendMarker(
  partition: Partition,
  request: MarkerRequest,
): Promise<{ errorCode: number }> {
  if (!partition.writable) return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR }
  if (request.producerId < 0 || request.producerEpoch < 0)
    return { errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }
  const refusal = partition.producers.checkMarker(request)
  if (refusal !== ErrorCode.NONE) return { errorCode: refusal }
  const { producerId, producerEpoch, coordinatorEpoch, commit } = request
  const timestamp = partition.services.clock.nowMs()
  const marker = { producerId, producerEpoch, coordinatorEpoch, commit, timestamp }
  const endOffset = submitBytes(partition, buildTransactionMarker(marker))
  try {
    await partition.watermarks.whenWritten(endOffset)
    return { errorCode: ErrorCode.NONE }
  } catch {
    return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR }
  }
}
