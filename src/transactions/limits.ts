/** Transactional ids of one shard; each takes some hundred bytes until it expires, a week by default. */
export const TRANSACTIONAL_IDS_PER_SHARD_MAX = 100_000

/** Partitions of one transaction. Each addition writes all of them, so this bounds a record to a few megabytes. */
export const TRANSACTION_PARTITIONS_MAX = 20_000

/** Requests that wait for one transaction to end; a client has one per partition it produces to. */
export const PARKED_MAX = 1_000

/** Longest wait of a request for the markers of the transaction before it; then the client is told to retry. */
export const PARKED_MS_MAX = 1_000

/** Wait before a marker that could not be written is tried again; doubled with each failure in a row. */
export const MARKER_RETRY_MIN_MS = 20
export const MARKER_RETRY_MAX_MS = 1_000

/** A client may use epochs up to 32766, so that there is always one more to fence it with. */
export const PRODUCER_EPOCH_MAX = 0x7fff
export const CLIENT_EPOCH_MAX = PRODUCER_EPOCH_MAX - 1
