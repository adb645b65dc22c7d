// What a timing wheel holds: links of circular doubly linked lists. A slot is a sentinel link, a timer is an
// entry; an empty list is a sentinel linked to itself. Only the wheel touches the links.

import { assert } from './assert.js'

export class TimerLink {
  next: TimerLink = this
  prev: TimerLink = this
  /** The slot's place in its wheel; -1 for entries and for lists outside the levels. */
  readonly slotIndex: number

  constructor(slotIndex = -1) {
    this.slotIndex = slotIndex
  }

  get empty(): boolean {
    return this.next === this
  }

  append(entry: TimerLink): void {
    assert(entry.empty, 'A timer can be in one list only.')
    const last = this.prev
    entry.prev = last
    entry.next = this
    last.next = entry
    this.prev = entry
  }

  /** Takes this link out of its list and returns the neighbour that may be a sentinel left alone. */
  unlink(): TimerLink {
    const { next, prev } = this
    prev.next = next
    next.prev = prev
    this.next = this
    this.prev = this
    return next
  }
}

/**
 * A thing with a deadline. Extend it, so that the waiting object itself is the timer and nothing is allocated to
 * schedule it. An entry is in at most one wheel; it may be scheduled again once it expired or was cancelled.
 */
export abstract class TimerEntry extends TimerLink {
  /** In ticks of the wheel's clock; meaningful while scheduled. */
  deadline = 0

  /** Runs once, inside `TimingWheel.advance`. May schedule and cancel any entry, this one included. */
  abstract expire(): void

  get scheduled(): boolean {
    return !this.empty
  }
}

export class CallbackTimer extends TimerEntry {
  readonly #callback: () => void

  constructor(callback: () => void) {
    super()
    this.#callback = callback
  }

  override expire(): void {
    this.#callback()
  }
}
