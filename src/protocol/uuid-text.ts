import { CACHE_SLOTS } from './limits.js'
import { ProtocolError } from './protocol-error.js'

/** The uuid that means "none": sixteen zero bytes. */
export const UNSET_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

/*
 * A uuid is 16 bytes on the wire and 22 characters of unpadded url-safe base64 as text. Topic ids repeat from frame
 * to frame, so texts are kept in a direct-mapped cache: a slot holds the last one that hashed to it.
 */
const SLOT_MASK = CACHE_SLOTS - 1
const texts: (string | undefined)[] = new Array(CACHE_SLOTS).fill(undefined)
const words = new Int32Array(CACHE_SLOTS * 4)
const bytes = Buffer.alloc(16)

export function readUuid(view: DataView, at: number): string {
  const a = view.getInt32(at)
  const b = view.getInt32(at + 4)
  const c = view.getInt32(at + 8)
  const d = view.getInt32(at + 12)
  const hash = Math.imul(a ^ Math.imul(b, 31) ^ Math.imul(c, 961) ^ d, 0x9e3779b1)
  const slot = (hash ^ (hash >>> 16)) & SLOT_MASK
  const word = slot * 4
  const known = texts[slot]
  const same = words[word] === a && words[word + 1] === b && words[word + 2] === c && words[word + 3] === d
  if (known !== undefined && same) return known
  for (let i = 0; i < 16; i++) bytes[i] = view.getUint8(at + i)
  const fresh = bytes.toString('base64url')
  texts[slot] = fresh
  words[word] = a
  words[word + 1] = b
  words[word + 2] = c
  words[word + 3] = d
  return fresh
}

/** Writes 16 bytes at `at`, which must have the room. */
export function writeUuid(buffer: Buffer, at: number, text: string): void {
  let bad = text.length === 22 ? 0 : -1
  let from = 0
  let to = at
  for (; from < 20; from += 4) {
    const a = sextet(text, from)
    const b = sextet(text, from + 1)
    const c = sextet(text, from + 2)
    const d = sextet(text, from + 3)
    bad |= a | b | c | d
    buffer[to++] = (a << 2) | (b >> 4)
    buffer[to++] = (b << 4) | (c >> 2)
    buffer[to++] = (c << 6) | d
  }
  const a = sextet(text, 20)
  const b = sextet(text, 21)
  // The last character holds two bits; a text with more in it is not what any uuid reads as.
  if ((bad | a | b) < 0 || (b & 0x0f) !== 0) {
    throw new ProtocolError('INVALID_UUID', 'a uuid is 22 characters of url-safe base64')
  }
  buffer[to] = (a << 2) | (b >> 4)
}

const SEXTETS = new Int8Array(128).fill(-1)
for (const [value, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
].entries()) {
  SEXTETS[character.charCodeAt(0)] = value
}

/** Negative when the character is none of the alphabet, or missing. */
function sextet(text: string, index: number): number {
  return SEXTETS[text.charCodeAt(index)] ?? -1
}
