import type { EntryCodec } from '../coordinator/state-machine.js'
import { encode } from '../protocol/compile.js'
import { TransactionLogKey, TransactionLogValue } from '../protocol/messages/transaction-records.js'
import { ProtocolError } from '../protocol/protocol-error.js'
import { decodeRecordKey, decodeVersioned, recordTypeOf } from '../protocol/versioned.js'
import { isStatus } from './status.js'

/** What one record of __transaction_state says; a null value is a tombstone. */
export interface TransactionEntry {
  readonly transactionalId: string
  readonly value: TransactionLogValue | null
}

/** Version 1 alone holds what transaction version 2 needs; Kafka reads it since 3.8. */
const VALUE_VERSION = 1

export const transactionEntryCodec: EntryCodec<TransactionEntry> = {
  writeKey(entry, writer) {
    writer.int16(TransactionLogKey.key)
    encode(TransactionLogKey, 0, writer, entry)
  },
  writeValue({ value }, writer) {
    if (value === null) return false
    writer.int16(VALUE_VERSION)
    encode(TransactionLogValue, VALUE_VERSION, writer, value)
    return true
  },
  decode(key, value) {
    if (recordTypeOf(key) !== TransactionLogKey.key) return null
    const { transactionalId } = decodeRecordKey(TransactionLogKey, key)
    if (value === null) return { transactionalId, value }
    const decoded = decodeVersioned(TransactionLogValue, value)
    if (!isStatus(decoded.transactionStatus)) {
      throw new ProtocolError(
        'INVALID_RECORD',
        `transaction status ${decoded.transactionStatus} is not known`,
      )
    }
    return { transactionalId, value: decoded }
  },
}
