// xxHash, 32 bits, as LZ4 frames use it for their checksums.

const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

export function xxh32(input: Buffer, seed = 0): number {
  let at = 0
  let hash: number
  if (input.length >= 16) {
    const lanes = [seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1]
    for (; at <= input.length - 16; at += 16) {
      for (let lane = 0; lane < 4; lane++) {
        lanes[lane] = round(lanes[lane] as number, input.readUInt32LE(at + lane * 4))
      }
    }
    const [a, b, c, d] = lanes as [number, number, number, number]
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0
  } else {
    hash = (seed + PRIME_5) | 0
  }
  return finish(input, at, (hash + input.length) | 0)
}

function finish(input: Buffer, start: number, from: number): number {
  let at = start
  let hash = from
  for (; at <= input.length - 4; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(input.readUInt32LE(at), PRIME_3)) | 0, 17), PRIME_4)
  }
  for (; at < input.length; at++) {
    hash = Math.imul(rotate((hash + Math.imul(input[at] as number, PRIME_5)) | 0, 11), PRIME_1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}

function round(lane: number, word: number): number {
  return Math.imul(rotate((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1)
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
