/** A session nobody used for so long may be thrown out for a new one (Kafka's own value). */
export const SESSION_EVICTION_MS = 120_000

/**
 * Partitions of all sessions together. One takes about 400 bytes, so sessions cost at most 400 MB however many
 * partitions clients name; past it a client gets no session and keeps sending full requests.
 */
export const SESSION_PARTITIONS_MAX = 1_000_000
