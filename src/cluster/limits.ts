/**
 * Records one metadata operation may write, Kafka's own bound: one batch holds them all, so that a crash leaves
 * either the whole operation or nothing. Past it the operation is refused with POLICY_VIOLATION.
 */
export const OPERATION_RECORDS_MAX = 10_000

/** Metadata operations that wait for their turn; past it clients are told to retry. */
export const OPERATIONS_WAITING_MAX = 1_000

/** Bytes of one read while the metadata log is replayed; larger batches come whole all the same. */
export const REPLAY_READ_BYTES_MAX = 1 << 20

/** Records in one batch of a metadata snapshot. */
export const SNAPSHOT_BATCH_RECORDS_MAX = 10_000

/** Producer ids handed out per metadata record, as Kafka does: a restart loses at most one block. */
export const PRODUCER_ID_BLOCK_SIZE = 1_000
