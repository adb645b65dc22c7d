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
  let hash = length
  let seen = 0
  for (let i = at; i < end; i++) {
    const byte = buffer[i] as number
    seen |= byte
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  if (seen > 0x7f) return buffer.toString('utf8', at, end)
  const slot = (hash ^ (hash >>> 16)) & SLOT_MASK
  const known = strings[slot]
  if (known !== undefined && equals(known, buffer, at, length)) return known
  const fresh = buffer.toString('latin1', at, end)
  strings[slot] = fresh
  return fresh
}

function equals(text: string, buffer: Buffer, at: number, length: number): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== buffer[at + i]) return false
  return true
}
