import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { InitProducerIdRequest, InitProducerIdResponse } from '../protocol/messages/init-producer-id.js'
import { api } from './api.js'

/** Where producer ids come from; none is handed out twice in the life of the cluster. */
export interface ProducerIds {
  next(): Promise<number>
}

/*
 * InitProducerId v0-v5. v2 flexible; v3 the client names the id it had; v4 PRODUCER_FENCED; v5 TRANSACTION_ABORTABLE.
 *
 * An idempotent producer always gets a new id with epoch 0, whatever it had before. A transactional id is refused
 * with UNSUPPORTED_VERSION while transactions are not served: every client takes that code as final and tells it,
 * where COORDINATOR_NOT_AVAILABLE would make it try again for a minute and then report a timeout.
 */
export const initProducerId = ({ producerIds }: { readonly producerIds: ProducerIds }) =>
  api({
    key: ApiKey.InitProducerId,
    min: 0,
    max: 5,
    request: InitProducerIdRequest,
    response: InitProducerIdResponse,
    handle({ transactionalId }) {
      if (transactionalId === '') return refusal(ErrorCode.INVALID_REQUEST)
      if (transactionalId !== null) return refusal(ErrorCode.UNSUPPORTED_VERSION)
      return producerIds.next().then(
        (producerId) => ({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, producerId, producerEpoch: 0 }),
        () => refusal(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS),
      )
    },
    onError: (_request, code) => refusal(code),
  })

function refusal(errorCode: number) {
  return { throttleTimeMs: 0, errorCode, producerId: -1, producerEpoch: -1 }
}
