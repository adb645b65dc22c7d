// Chance, as the broker sees it. Only this file asks the system for random numbers.

import { randomBytes, randomInt } from 'node:crypto'

export interface Random {
  /** A version 4 UUID in 22 characters of base64url, as Kafka writes topic ids; never starts with '-'. */
  uuid(): string
  /** A version 4 UUID as 8-4-4-4-12 hexadecimal digits, as Kafka writes member ids. */
  uuidText(): string
  /** Whole, in [0, bound); bound at most 2^48. */
  int(bound: number): number
  bytes(count: number): Buffer
}

export const systemRandom: Random = {
  uuid: () => uuidFrom(randomBytes),
  uuidText: () => uuidTextFrom(randomBytes),
  // The system draws below 2^48 - 1 only when the bound is larger than one.
  int: (bound) => (bound <= 1 ? 0 : randomInt(Math.min(bound, 2 ** 48 - 1))),
  bytes: (count) => randomBytes(count),
}

/** The same sequence for the same seed (sfc32). Not for secrets. */
export class SeededRandom implements Random {
  readonly #seed: number
  readonly #state: Uint32Array

  constructor(seed: number) {
    this.#seed = seed >>> 0
    this.#state = new Uint32Array([this.#seed, 0x9e3779b9, 0x243f6a88, 1])
    for (let round = 0; round < 12; round++) this.#next()
  }

  /** A stream of its own, so that a draw added to one part of a simulation leaves the others as they were. */
  fork(label: string): SeededRandom {
    let hash = this.#seed ^ 0x811c9dc5
    for (let index = 0; index < label.length; index++) {
      hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193)
    }
    return new SeededRandom(hash)
  }

  uuid(): string {
    return uuidFrom((count) => this.bytes(count))
  }

  uuidText(): string {
    return uuidTextFrom((count) => this.bytes(count))
  }

  int(bound: number): number {
    const fraction = (this.#next() * 2 ** 21 + (this.#next() >>> 11)) / 2 ** 53
    return Math.floor(fraction * bound)
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count)
    for (let index = 0; index < count; index++) bytes[index] = this.#next() & 0xff
    return bytes
  }

  #next(): number {
    const state = this.#state
    const [a, b, c, counter] = state as unknown as [number, number, number, number]
    const sum = (a + b + counter) >>> 0
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + sum
    state[3] = counter + 1
    return sum
  }
}

function uuidFrom(draw: (count: number) => Buffer): string {
  for (;;) {
    const text = version4(draw(16)).toString('base64url')
    // A leading dash would read as an option on a command line.
    if (!text.startsWith('-')) return text
  }
}

function uuidTextFrom(draw: (count: number) => Buffer): string {
  const hex = version4(draw(16)).toString('hex')
  return [8, 12, 16, 20, 32].map((end, index) => hex.slice([0, 8, 12, 16, 20][index], end)).join('-')
}

function version4(bytes: Buffer): Buffer {
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return bytes
}
