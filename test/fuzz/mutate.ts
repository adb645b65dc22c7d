// Damages frames in the ways networks, bugs and attackers do.

import type { Random } from '../../src/base/random.js'

type Mutation = (frame: Buffer, random: Random, others: readonly Buffer[]) => Buffer

const EXTREMES = [-1, 0, 1, 0x7f, 0xff, 0x7fff, -0x8000, 0x7fffffff, -0x80000000, 0x40000000]
const RANDOM_BYTES_MAX = 300

const flipBits: Mutation = (frame, random) => {
  const copy = Buffer.from(frame)
  for (let flips = 1 + random.int(8); flips > 0; flips--) {
    const at = random.int(copy.length)
    copy[at] = (copy[at] as number) ^ (1 << random.int(8))
  }
  return copy
}

const plantExtreme: Mutation = (frame, random) => {
  const copy = Buffer.from(frame)
  const width = [1, 2, 4][random.int(3)] as 1 | 2 | 4
  if (copy.length <= width) return copy
  const value = EXTREMES[random.int(EXTREMES.length)] as number
  copy.writeIntBE((value << (32 - 8 * width)) >> (32 - 8 * width), random.int(copy.length - width), width)
  return copy
}

const truncate: Mutation = (frame, random) => frame.subarray(0, random.int(frame.length))

const extend: Mutation = (frame, random) => Buffer.concat([frame, random.bytes(1 + random.int(64))])

const splice: Mutation = (frame, random, others) => {
  const other = others[random.int(others.length)] as Buffer
  return Buffer.concat([
    frame.subarray(0, random.int(frame.length)),
    other.subarray(random.int(other.length)),
  ])
}

const noise: Mutation = (_frame, random) => random.bytes(random.int(RANDOM_BYTES_MAX))

const MUTATIONS = [flipBits, flipBits, plantExtreme, plantExtreme, truncate, extend, splice, noise]

/** A damaged frame with its size prefix, which itself lies once in 50 times. */
export function mutated(frames: readonly Buffer[], random: Random): Buffer {
  const frame = frames[random.int(frames.length)] as Buffer
  const mutation = MUTATIONS[random.int(MUTATIONS.length)] as Mutation
  const body = mutation(frame, random, frames)
  const size = Buffer.alloc(4)
  const lies = random.int(50) === 0
  size.writeInt32BE(lies ? (EXTREMES[random.int(EXTREMES.length)] as number) : body.length)
  return Buffer.concat([size, body])
}
