import type { GroupCoordinator } from '../groups/group-coordinator.js'
import { OFFSETS_TOPIC } from '../groups/group-coordinator.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from '../protocol/messages/add-offsets-to-txn.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { api } from './api.js'
import { clientError } from './transaction-errors.js'

interface Rooms {
  readonly transactions: Pick<TransactionCoordinator, 'addPartitions'>
  readonly groups: Pick<GroupCoordinator, 'partitionFor'>
  /** Resolves when __consumer_offsets is there; rejects when it cannot be had. */
  readonly ensureOffsetsTopic: () => Promise<void>
}

const known = { fencedSince: 2, abortableSince: 4 }

// AddOffsetsToTxn v0-v4. v2 PRODUCER_FENCED; v3 flexible; v4 TRANSACTION_ABORTABLE.
export const addOffsetsToTxn = ({ transactions, groups, ensureOffsetsTopic }: Rooms) =>
  api({
    key: ApiKey.AddOffsetsToTxn,
    min: 0,
    max: 4,
    request: AddOffsetsToTxnRequest,
    response: AddOffsetsToTxnResponse,
    async handle({ groupId, ...producer }, { apiVersion }) {
      if (groupId === '') return { errorCode: ErrorCode.INVALID_GROUP_ID }
      const exists = await ensureOffsetsTopic().then(
        () => true,
        () => false,
      )
      if (!exists) return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }
      const topics = [{ topic: OFFSETS_TOPIC, partitions: [groups.partitionFor(groupId)] }]
      const code = await transactions.addPartitions({
        ...producer,
        topics,
        transactionVersion: 0,
        patient: false,
      })
      return { errorCode: clientError(code, apiVersion, known) }
    },
    onError: (_request, errorCode) => ({ errorCode }),
  })
