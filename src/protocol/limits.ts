/**
 * Array elements one message may hold, all its arrays together. A two-byte element becomes an object of
 * about a hundred bytes, so without this sum a 100 MiB frame of zeros could ask for gigabytes. A million
 * covers a full metadata answer for 100,000 partitions with three replicas each.
 */
export const MESSAGE_ELEMENTS_MAX = 1_000_000

/** Longest string in UTF-8 bytes: the classic length prefix is an int16, and compact strings keep the bound. */
export const STRING_BYTES_MAX = 0x7fff

/** Strings up to this many bytes are looked up in the reader's cache; longer ones rarely repeat. */
export const CACHED_STRING_BYTES_MAX = 64

/** Slots of the reader's string cache and uuid cache: at most 4096 x 64 bytes of text are kept alive. */
export const CACHE_SLOTS = 4096

/** A reused writer gives its buffer back when one message made it larger than this. */
export const WRITER_KEEP_BYTES_MAX = 1 << 20
