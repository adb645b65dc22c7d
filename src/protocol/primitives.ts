/**
 * The protocol's primitive encodings, all integers big-endian.
 *
 *   type                        classic                      compact (flexible versions)
 *   bool int8..int64 float64    fixed 1/1/2/4/8/8            same
 *   string                      int16 length, -1 null        uvarint length + 1, 0 null
 *   bytes, records              int32 length, -1 null        uvarint length + 1, 0 null
 *   array                       int32 count, -1 null         uvarint count + 1, 0 null
 *   uuid                        16 raw bytes                 same
 *   nullable struct             int8, negative null          same
 *
 * A uvarint has seven bits per byte, low group first, bit 7 set on all but the last byte.
 *
 * An int64 arrives as a safe integer. Only two values beyond 2^53 are accepted, the "no bound" sentinels of
 * the Java client: Long.MAX_VALUE and Long.MIN_VALUE become Number.MAX_SAFE_INTEGER and MIN_SAFE_INTEGER,
 * and are written back as such. Every other unsafe integer is a ProtocolError. A hash is `bits64`: the same eight bytes
 * as a bigint.
 */
export { ProtocolError, type ProtocolErrorCode } from './protocol-error.js'
export { Reader, type RecordsRange, UNSET_UUID } from './reader.js'
export { type RecordsInput, type RecordsSlice, Writer } from './writer.js'
