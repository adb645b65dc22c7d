/**
 * A batch of records is closed before it would pass this size: the default max.message.bytes of the internal topics,
 * which also bounds what one append puts in front of the next.
 */
export const BATCH_BYTES_MAX = 1_048_588

/** Room that a batch header and the framing of one record need next to its key and value. */
export const RECORD_OVERHEAD_BYTES_MAX = 128

/**
 * Encoded records of one shard that the log has not confirmed. A lane writes hundreds of megabytes a second, so
 * this is far more than one turn ever leaves open; past it the disk is stuck and requests are refused with a
 * retriable code instead of filling the memory. Timers still run: they remove members, which frees memory.
 */
export const UNWRITTEN_BYTES_MAX = 32 * 1024 * 1024

/** Bytes of log read in one step of loading; between two steps other shards and clients get their turn. */
export const LOAD_BYTES_MAX = 1024 * 1024

/** A batch larger than this cannot have been written by any broker with a sane message limit: the log is broken. */
export const LOAD_BATCH_BYTES_MAX = 128 * 1024 * 1024

/** Wait before a shard whose log failed is loaded again; doubled with each failure in a row. */
export const RELOAD_DELAY_MIN_MS = 1_000
export const RELOAD_DELAY_MAX_MS = 30_000

/** Kafka's default for how long a reply waits for its append, where the topic's owner sets no other. */
export const WRITE_TIMEOUT_MS = 5_000

/** Events that wait for a shard to load; they are rare by nature, and past it the oldest is given up with a line. */
export const DEFERRED_EVENTS_MAX = 1_000
