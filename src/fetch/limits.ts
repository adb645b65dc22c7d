/** A session nobody used for so long may be thrown out for a new one (Kafka's own value). */
export const SESSION_EVICTION_MS = 120_000

/**
 * Partitions of all sessions together. One takes about 400 bytes, so sessions cost at most 400 MB however many
 * partitions clients name; past it a client gets no session and keeps sending full requests.
 */
export const SESSION_PARTITIONS_MAX = 1_000_000

/**
 * Partitions with records in one answer. Each is a file slice, and the engine takes a bounded number with one reply
 * (32,766); past it partitions come back empty and, in a session, are first the next time.
 */
export const SLICES_PER_ANSWER_MAX = 16_384
