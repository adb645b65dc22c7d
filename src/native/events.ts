// Reads one run of events from the shared ring and calls their receivers.

import type { NativeCompletion, NativeEngine, NativeFailure } from './addon.js'
import { EngineError, type EngineEvents, type Peer, type TranscodeJob } from './engine.js'
import { EventType, Sizes } from './layout.js'

const INTS = Sizes.eventBytes / 4
const NUMBERS = Sizes.eventBytes / 8
const NUMBER = Sizes.eventNumberOffset / 8

/** Events that concern the binding itself rather than the receiver of `start`. */
export interface DoorEvents {
  /** The receiver knows that the connection is gone; its handle may be reused. */
  forget(connection: number): void
  listenerClosed(listener: number): void
  done(ticket: number, completion: NativeCompletion): void
  ticketSettled(ticket: number): void
  stopped(): void
}

/** The receiver before `start`: nothing can happen yet that matters. */
export const NO_EVENTS: EngineEvents = {
  accepted() {},
  frame() {},
  closed() {},
  appended() {},
  rolled() {},
  indexRebuilt() {},
  logFailed() {},
  ticketFailed() {},
  ticketDone() {},
  transcode() {},
  drained() {},
}

export class EventReader {
  private readonly ints: Int32Array
  private readonly numbers: Float64Array

  constructor(
    ring: ArrayBuffer,
    private readonly native: NativeEngine,
    private readonly door: DoorEvents,
  ) {
    this.ints = new Int32Array(ring)
    this.numbers = new Float64Array(ring)
  }

  /**
   * Delivers the events `[first, first + count)` of the ring. A receiver that throws is a bug in the control
   * plane: the others still get their events, then the first error surfaces as an uncaught exception.
   */
  deliver(first: number, count: number, events: EngineEvents): void {
    let failed = false
    let failure: unknown
    for (let index = first; index < first + count; index++) {
      try {
        this.deliverOne(index, events)
      } catch (error) {
        if (!failed) failure = error
        failed = true
      }
    }
    if (failed) {
      queueMicrotask(() => {
        throw failure
      })
    }
  }

  private deliverOne(index: number, events: EngineEvents): void {
    const ints = this.ints
    const at = index * INTS
    const a = ints[at + 1] as number
    switch (ints[at]) {
      case EventType.frame:
        events.frame(
          a,
          ints[at + 2] as number,
          ints[at + 3] as number,
          ints[at + 4] as number,
          ints[at + 5] as number,
          ints[at + 6] as number,
        )
        return
      case EventType.appended:
        events.appended(a, this.numberAt(index))
        return
      case EventType.rolled:
        events.rolled(a, this.numberAt(index))
        return
      case EventType.ticketDone:
        this.door.ticketSettled(a)
        events.ticketDone(a)
        return
      case EventType.ticketFailed:
        this.door.ticketSettled(a)
        events.ticketFailed(a)
        return
      case EventType.closed:
        try {
          events.closed(a, ints[at + 2] as number)
        } finally {
          this.door.forget(a)
        }
        return
      default:
        this.deliverRare(index, ints[at] as number, a, ints[at + 2] as number, events)
    }
  }

  private deliverRare(index: number, type: number, a: number, b: number, events: EngineEvents): void {
    switch (type) {
      case EventType.accepted:
        events.accepted(a, b, this.native.takePayload(index) as Peer)
        return
      case EventType.logFailed:
        events.logFailed(a, this.numberAt(index), toError(this.native.takePayload(index) as NativeFailure))
        return
      case EventType.done:
        this.door.done(a, this.native.takePayload(index) as NativeCompletion)
        return
      case EventType.indexRebuilt:
        events.indexRebuilt(a, this.numberAt(index))
        return
      case EventType.transcode:
        events.transcode(this.native.takePayload(index) as TranscodeJob)
        return
      case EventType.listenerClosed:
        this.door.listenerClosed(a)
        return
      case EventType.stopped:
        this.door.stopped()
        return
      default:
        throw new Error(`unknown event type ${type}`)
    }
  }

  private numberAt(index: number): number {
    return this.numbers[index * NUMBERS + NUMBER] as number
  }
}

export function toError(failure: NativeFailure): EngineError {
  return new EngineError(failure.operation, failure.errno, failure.code, failure.path)
}
