const RING_CAPACITY_MIN = 8

/**
 * End offsets and sizes of batches in flight, oldest first. The oldest is at hand; those behind it are in a ring that
 * doubles when it is full, and where thousands of partitions have their turns there are none: reaching for what is not
 * in the processor's caches is most of what such a turn costs.
 */
export class Flight {
  private oldestEnd = 0
  private oldestBytes = 0
  private empty = true
  private ring: Ring | null = null

  push(endOffset: number, bytes: number): void {
    if (!this.empty) {
      this.ring ??= new Ring()
      this.ring.push(endOffset, bytes)
      return
    }
    this.oldestEnd = endOffset
    this.oldestBytes = bytes
    this.empty = false
  }

  takeUpTo(endOffset: number): number {
    let sum = 0
    while (!this.empty && this.oldestEnd <= endOffset) {
      sum += this.oldestBytes
      this.takeOldest()
    }
    return sum
  }

  clear(): void {
    this.empty = true
    this.ring?.clear()
  }

  private takeOldest(): void {
    const { ring } = this
    this.empty = ring === null || ring.empty
    if (ring === null || ring.empty) return
    this.oldestEnd = ring.firstEnd
    this.oldestBytes = ring.firstBytes
    ring.shift()
  }
}

/** Pairs of an end offset and a size, first in, first out. */
class Ring {
  private ends = new Float64Array(RING_CAPACITY_MIN)
  private bytes = new Float64Array(RING_CAPACITY_MIN)
  /** Both count up; the ring index is the count modulo the capacity, a power of two. */
  private head = 0
  private tail = 0

  get empty(): boolean {
    return this.head === this.tail
  }

  get firstEnd(): number {
    return this.ends[this.head & (this.ends.length - 1)] as number
  }

  get firstBytes(): number {
    return this.bytes[this.head & (this.bytes.length - 1)] as number
  }

  push(endOffset: number, bytes: number): void {
    if (this.tail - this.head === this.ends.length) this.grow()
    const at = this.tail & (this.ends.length - 1)
    this.ends[at] = endOffset
    this.bytes[at] = bytes
    this.tail++
  }

  shift(): void {
    this.head++
    if (this.empty) this.clear()
  }

  clear(): void {
    this.head = 0
    this.tail = 0
  }

  private grow(): void {
    const { ends, bytes, head } = this
    const capacity = ends.length
    this.ends = new Float64Array(capacity * 2)
    this.bytes = new Float64Array(capacity * 2)
    for (let i = 0; i < capacity; i++) {
      this.ends[i] = ends[(head + i) & (capacity - 1)] as number
      this.bytes[i] = bytes[(head + i) & (capacity - 1)] as number
    }
    this.head = 0
    this.tail = capacity
  }
}
