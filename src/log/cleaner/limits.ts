/** Logs looked at before other work gets its turn: each asks the engine for its segments. */
export const SCAN_PARTITIONS_MAX = 100
export const SCAN_PAUSE_MS = 5

/** A pause below it would only look at the same segments again and again. */
export const BACKOFF_MIN_MS = 100

/** Dirty segments whose first record is read to find the oldest; they lie in the order of time. */
export const OLDEST_SEGMENTS_MAX = 8

/** One read of a cleaner, below which every small batch would cost a system call. */
export const BUFFER_BYTES_MIN = 64 * 1024
export const BUFFER_BYTES_MAX = 8 * 1024 * 1024

/** Kafka's own bound: its table of keys is one array. */
export const MAP_BYTES_MAX = 2 ** 31 - 1

/** Rounds that may run at once, whatever is configured: each has a thread and a table of keys. */
export const THREADS_MAX = 64
