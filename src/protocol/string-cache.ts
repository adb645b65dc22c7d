import { CACHE_SLOTS, CACHED_STRING_BYTES_MAX } from './limits.js'

/*
 * Topic names, client ids and group ids repeat from frame to frame, and making a JavaScript string costs more than
 * everything else in a small request. The cache is direct-mapped: a slot holds the last text that hashed to it, so
 * memory is bounded and a hostile client can only make look-ups miss.
 */
const SLOT_MASK = CACHE_SLOTS - 1
const strings: (string | undefined)[] = new Array(CACHE_SLOTS).fill(undefined)

/** The UTF-8 text of `length` bytes at `at`; malformed bytes become U+FFFD as in the Java broker. */
export function readString(buffer: Buffer, at: number, length: number): string {
  if (length === 0) return ''
  const end = at + length
  if (length > CACHED_STRING_BYTES_MAX) return buffer.toString('utf8', at, end)
  const slot = slotOf(buffer, at, end)
  const known = strings[slot]
  if (known !== undefined && equals(known, buffer, at, length)) return known
  const fresh = buffer.toString('utf8', at, end)
  // Only text of one byte per character can be compared byte by byte.
  if (isAscii(buffer, at, end)) strings[slot] = fresh
  return fresh
}

/** Names that are in use together mostly differ in length or in their last characters. */
function slotOf(buffer: Buffer, at: number, end: number): number {
  let hash = (end - at) ^ ((buffer[at] as number) << 8)
  for (let i = Math.max(at, end - 5); i < end; i++) hash = Math.imul(hash, 31) + (buffer[i] as number)
  hash = Math.imul(hash, 0x9e3779b1)
  return (hash ^ (hash >>> 15)) & SLOT_MASK
}

function isAscii(buffer: Buffer, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if ((buffer[i] as number) > 0x7f) return false
  return true
}

function equals(text: string, buffer: Buffer, at: number, length: number): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== buffer[at + i]) return false
  return true
}
