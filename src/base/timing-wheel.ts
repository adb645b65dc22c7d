// A hierarchical timing wheel with a tick of one millisecond.
//
// Level L has 64 slots of 64^L ticks each; nine levels cover every safe integer. An entry lies in the level of the
// highest base-64 digit in which its deadline differs from the current tick, in the slot of that digit. When the
// current tick reaches the start of a slot of a higher level, its entries are dealt out to lower levels; at level 0
// they expire. So scheduling and cancelling are O(1), and an entry moves at most once per level.
//
// Guarantees: an entry never expires early; entries expire in the order of their deadlines, those of one tick in
// the order they were scheduled; an entry scheduled from inside `expire` never runs in the same `advance`.
// Invariant: the current tick never passes the start of a slot that holds entries.

import { assert } from './assert.js'
import type { Clock } from './clock.js'
import { type TimerEntry, TimerLink } from './timer-entry.js'

export { CallbackTimer, TimerEntry } from './timer-entry.js'

const SLOT_BITS = 6
const SLOTS = 64
const LEVELS = 9
const NONE = -1

export class TimingWheel {
  /** Told when a new entry is due before what `advance` last returned; the driver re-arms itself. */
  onEarlier: (delayMs: number) => void = () => {}

  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #slots: TimerLink[] = []
  /** Two words per level: which slots hold entries. */
  readonly #occupied = new Uint32Array(LEVELS * 2)
  /** Due entries being run; not empty between calls only when an `expire` threw. */
  readonly #firing = new TimerLink()
  #current: number
  #advancing = false
  #target = 0
  #promised = Number.POSITIVE_INFINITY
  #size = 0

  constructor({ clock }: { clock: Pick<Clock, 'monotonicMs'> }) {
    this.#clock = clock
    this.#current = Math.floor(clock.monotonicMs())
    for (let index = 0; index < LEVELS * SLOTS; index++) this.#slots.push(new TimerLink(index))
  }

  get size(): number {
    return this.#size
  }

  /** A scheduled entry is moved to the new deadline. Delays past 2^53 are held at the largest deadline. */
  schedule(entry: TimerEntry, delayMs: number): void {
    assert(!Number.isNaN(delayMs), 'A timer needs a delay.')
    if (entry.scheduled) this.cancel(entry)
    const nowMs = this.#clock.monotonicMs()
    const due = Math.min(Math.ceil(nowMs + Math.max(delayMs, 0)), Number.MAX_SAFE_INTEGER)
    entry.deadline = Math.max(due, this.#advancing ? this.#target + 1 : this.#current)
    this.#place(entry)
    this.#size++
    if (!this.#advancing && entry.deadline < this.#promised) {
      this.#promised = entry.deadline
      this.onEarlier(Math.max(entry.deadline - nowMs, 0))
    }
  }

  /** Quiet when the entry is not scheduled. */
  cancel(entry: TimerEntry): void {
    if (!entry.scheduled) return
    this.#remove(entry)
    this.#size--
  }

  /** Runs what is due. Returns the ms until `advance` is wanted again: never after the next deadline. */
  advance(): number {
    assert(!this.#advancing, 'A timer may not advance the wheel.')
    const target = Math.floor(this.#clock.monotonicMs())
    this.#target = target
    this.#advancing = true
    try {
      this.#fire()
      for (let slot = this.#nextSlot(); slot !== NONE; slot = this.#nextSlot()) {
        const start = this.#slotStart(slot)
        if (start > target) break
        this.#current = Math.max(this.#current, start)
        this.#empty(slot)
        this.#fire()
      }
      this.#current = Math.max(this.#current, target)
    } finally {
      this.#advancing = false
    }
    const next = this.#nextSlot()
    this.#promised = next === NONE ? Number.POSITIVE_INFINITY : this.#slotStart(next)
    return next === NONE ? this.#promised : Math.max(this.#promised - this.#clock.monotonicMs(), 0)
  }

  #fire(): void {
    while (!this.#firing.empty) {
      const entry = this.#firing.next as TimerEntry
      entry.unlink()
      this.#size--
      entry.expire()
    }
  }

  /** Deals the entries of a slot whose start was reached: those due to `#firing`, the others to lower levels. */
  #empty(slot: number): void {
    const list = this.#slot(slot)
    this.#vacate(slot)
    while (!list.empty) {
      const entry = list.next as TimerEntry
      entry.unlink()
      if (entry.deadline <= this.#current) this.#firing.append(entry)
      else this.#place(entry)
    }
  }

  #place(entry: TimerEntry): void {
    let level = 0
    let digits = entry.deadline
    let current = this.#current
    for (;;) {
      const above = Math.floor(digits / SLOTS)
      const currentAbove = Math.floor(current / SLOTS)
      if (above === currentAbove) break
      digits = above
      current = currentAbove
      level++
    }
    const digit = digits % SLOTS
    this.#slot(level * SLOTS + digit).append(entry)
    const word = level * 2 + (digit >> 5)
    this.#occupied[word] = (this.#occupied[word] as number) | (1 << (digit & 31))
  }

  #remove(entry: TimerEntry): void {
    const neighbour = entry.unlink()
    if (neighbour.empty && neighbour.slotIndex !== -1) this.#vacate(neighbour.slotIndex)
  }

  #vacate(slot: number): void {
    const word = slot >> 5
    this.#occupied[word] = (this.#occupied[word] as number) & ~(1 << (slot & 31))
  }

  /**
   * The occupied slot that starts first. Lower levels lie wholly before higher ones, and within a level every
   * occupied slot lies ahead of the current digit, so it is the lowest bit of the lowest occupied level.
   */
  #nextSlot(): number {
    for (let word = 0; word < LEVELS * 2; word++) {
      const bits = this.#occupied[word] as number
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits)
    }
    return NONE
  }

  #slotStart(slot: number): number {
    const level = slot >> SLOT_BITS
    const width = SLOTS ** level
    const base = Math.floor(this.#current / (width * SLOTS)) * (width * SLOTS)
    return base + (slot & (SLOTS - 1)) * width
  }

  #slot(index: number): TimerLink {
    return this.#slots[index] as TimerLink
  }
}
