/** Batches of one producer that a retry may repeat: a client sends at most five at a time (Kafka's own number). */
export const PRODUCER_BATCHES_KEPT = 5

/** Batches of one producer that are held when nothing is in flight: those to be kept and as many to be reused. */
export const PRODUCER_BATCHES_HELD_MAX = 2 * PRODUCER_BATCHES_KEPT

/**
 * Producers one partition remembers. An entry with five batches takes about 700 bytes, with ten 1,200, so a client
 * that invents ids costs at most 60 MB; past it the producer that appeared first is forgotten.
 */
export const PRODUCERS_MAX = 50_000

/**
 * Appends of one partition that wait for work on their records (decompression, keys). They hold copies of the
 * batches; past it appends are refused with a retriable error.
 */
export const RECORD_WORK_MAX = 128

/** Decompressed bytes of one batch. Guards against a small batch that inflates without end. */
export const DECOMPRESSED_BYTES_MAX = 256 * 1024 * 1024

/** How long a log that ran out of space refuses appends before it is tried again. */
export const RESUME_DELAY_MS = 1_000

/** Directories opened, flushed or closed at once: enough to hide the latency of a disk, few descriptors. */
export const DIRECTORY_CONCURRENCY_MAX = 32

/** Batch headers of one recovery read: 61 bytes each, so a quarter of a megabyte. */
export const HEADERS_PER_READ_MAX = 4_096

/** Record errors named in one refused batch; the rest would only repeat them. */
export const RECORD_ERRORS_MAX = 100

/** A directory name may have 255 bytes (ext4, xfs). */
export const DIRECTORY_NAME_BYTES_MAX = 255

/** Bytes read at once to find the markers of a log again: reading what lies between is cheaper than asking twice. */
export const MARKER_READ_BYTES_MAX = 256 * 1024
