/** A session nobody used for so long may be thrown out for a new one (Kafka's own value). */
export const SESSION_EVICTION_MS = 120_000

/**
 * Partitions of all sessions together. One takes less than 400 bytes, so sessions cost at most 400 MB however many
 * partitions clients name; past it a client gets no session and keeps sending full requests.
 */
export const SESSION_PARTITIONS_MAX = 1_000_000

/**
 * Partitions with records in one answer. Each is a file slice, and the engine takes a bounded number with one reply
 * (32,766); past it partitions come back empty and, in a session, are first the next time.
 */
export const SLICES_PER_ANSWER_MAX = 16_384

/**
 * Tables of partitions kept for the next requests, and the largest that is. A row takes 140 bytes: 18 MB at most, and
 * a request for more partitions costs so much that its table does not matter.
 */
export const TABLES_KEPT_MAX = 64
export const ROWS_KEPT_MAX = 2048
