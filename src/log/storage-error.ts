import { EngineError } from '../native/engine.js'
import { ErrorCode } from '../protocol/errors.js'
import { ProtocolError } from '../protocol/protocol-error.js'
import type { Partition } from './partition.js'

/** The code for a failed read or deletion. What is neither the environment's fault nor the data's is thrown on. */
export function storageErrorCode(partition: Partition, error: unknown): ErrorCode {
  // The log was closed while it was read: the topic is being deleted.
  if (partition.status === 'closed') return ErrorCode.NOT_LEADER_OR_FOLLOWER
  const { logger } = partition.services
  if (error instanceof ProtocolError) {
    logger.error('stored records cannot be read', { partition: partition.name, error: error.message })
    return ErrorCode.CORRUPT_MESSAGE
  }
  if (!(error instanceof EngineError)) throw error
  logger.error('reading a log failed', { partition: partition.name, error: error.message })
  return ErrorCode.KAFKA_STORAGE_ERROR
}
