import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { InitProducerIdRequest, InitProducerIdResponse } from '../protocol/messages/init-producer-id.js'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.js'
import { api } from './api.js'
import { clientError } from './transaction-errors.js'

/** Where producer ids come from; none is handed out twice in the life of the cluster. */
export interface ProducerIds {
  next(): Promise<number>
}

interface Rooms {
  readonly producerIds: ProducerIds
  readonly transactions: Pick<TransactionCoordinator, 'initProducer'>
}

const known = { fencedSince: 4, abortableSince: 5 }

/*
 * InitProducerId v0-v5. v2 flexible; v3 the client names the id it had; v4 PRODUCER_FENCED; v5 TRANSACTION_ABORTABLE.
 *
 * An idempotent producer always gets a new id with epoch 0, whatever it had before; a transactional one what the
 * coordinator of its transactional id says.
 */
export const initProducerId = ({ producerIds, transactions }: Rooms) =>
  api({
    key: ApiKey.InitProducerId,
    min: 0,
    max: 5,
    request: InitProducerIdRequest,
    response: InitProducerIdResponse,
    async handle({ transactionalId, transactionTimeoutMs, producerId, producerEpoch }, { apiVersion }) {
      if ((producerId === -1) !== (producerEpoch === -1)) return refusal(ErrorCode.INVALID_REQUEST)
      if (transactionalId === null) {
        return producerIds.next().then(
          (id) => ({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, producerId: id, producerEpoch: 0 }),
          () => refusal(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS),
        )
      }
      const expected = producerId === -1 ? null : { producerId, producerEpoch }
      const reply = await transactions.initProducer({ transactionalId, transactionTimeoutMs, expected })
      return { throttleTimeMs: 0, ...reply, errorCode: clientError(reply.errorCode, apiVersion, known) }
    },
    onError: (_request, code) => refusal(code),
  })

function refusal(errorCode: number) {
  return { throttleTimeMs: 0, errorCode, producerId: -1, producerEpoch: -1 }
}
