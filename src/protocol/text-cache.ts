import { CACHE_SLOTS, CACHED_STRING_BYTES_MAX } from './limits.js'

/*
 * Topic names, client ids and topic ids repeat from frame to frame, and making a JavaScript string costs more
 * than everything else in a small request. Both caches are direct-mapped: a slot holds the last text that
 * hashed to it, so memory is bounded and a hostile client can only make its own look-ups miss.
 */
const SLOT_MASK = CACHE_SLOTS - 1
const strings: (string | undefined)[] = new Array(CACHE_SLOTS).fill(undefined)
const uuids: (string | undefined)[] = new Array(CACHE_SLOTS).fill(undefined)
const uuidWords = new Int32Array(CACHE_SLOTS * 4)
const uuidBytes = Buffer.alloc(16)

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

/** The unpadded url-safe base64 text of the 16 bytes at `at`. */
export function readUuid(view: DataView, at: number): string {
  const a = view.getInt32(at)
  const b = view.getInt32(at + 4)
  const c = view.getInt32(at + 8)
  const d = view.getInt32(at + 12)
  const hash = Math.imul(a ^ Math.imul(b, 31) ^ Math.imul(c, 961) ^ d, 0x9e3779b1)
  const slot = (hash ^ (hash >>> 16)) & SLOT_MASK
  const word = slot * 4
  const known = uuids[slot]
  if (
    known !== undefined &&
    uuidWords[word] === a &&
    uuidWords[word + 1] === b &&
    uuidWords[word + 2] === c &&
    uuidWords[word + 3] === d
  ) {
    return known
  }
  uuidBytes.writeInt32BE(a, 0)
  uuidBytes.writeInt32BE(b, 4)
  uuidBytes.writeInt32BE(c, 8)
  uuidBytes.writeInt32BE(d, 12)
  const fresh = uuidBytes.toString('base64url')
  uuids[slot] = fresh
  uuidWords[word] = a
  uuidWords[word + 1] = b
  uuidWords[word + 2] = c
  uuidWords[word + 3] = d
  return fresh
}

function equals(text: string, buffer: Buffer, at: number, length: number): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== buffer[at + i]) return false
  return true
}
