import { readBatch } from '../protocol/records/batch-reader.js'

export interface TransactionMarker {
  readonly commit: boolean
  readonly coordinatorEpoch: number
}

/** Types of control records that end a transaction; the others concern the metadata log. */
const ABORT = 0
const COMMIT = 1

/** What the control batch at `at` says, null when it ends no transaction. Throws ProtocolError when it is malformed. */
export function parseMarker(buffer: Buffer, at: number): TransactionMarker | null {
  for (const { key, value } of readBatch(buffer, at)) {
    if (key === null || key.length < 4 || value === null || value.length < 6) return null
    const type = key.readInt16BE(2)
    if (type !== ABORT && type !== COMMIT) return null
    return { commit: type === COMMIT, coordinatorEpoch: value.readInt32BE(2) }
  }
  return null
}
