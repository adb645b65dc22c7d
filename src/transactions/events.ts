import type { Effects } from '../coordinator/state-machine.js'
import type { Wait } from '../coordinator/wait.js'
import type { TransactionEntry } from './entries.js'
import type {
  AddPartitionsRequest,
  EndTransactionRequest,
  InitProducerRequest,
  ProducerReply,
} from './requests.js'

export interface AddPartitionsEvent {
  readonly type: 'add-partitions'
  readonly request: AddPartitionsRequest
  readonly wait: Wait<number>
}

/** Everything that can happen to the transactions of a shard. `newProducerId` is -1 while none was drawn. */
export type TransactionEvent =
  | {
      readonly type: 'init-producer'
      readonly request: InitProducerRequest
      readonly newProducerId: number
      readonly wait: Wait<ProducerReply>
    }
  | AddPartitionsEvent
  | {
      readonly type: 'end'
      readonly request: EndTransactionRequest
      readonly newProducerId: number
      readonly wait: Wait<ProducerReply>
    }
  | {
      readonly type: 'markers-written'
      readonly transactionalId: string
      readonly producerId: number
      readonly producerEpoch: number
    }
  | { readonly type: 'parked-expired'; readonly transactionalId: string }
  | { readonly type: 'abort-timed-out' }
  | { readonly type: 'expire-ids' }

export type TransactionEffects = Effects<TransactionEvent, TransactionEntry>
