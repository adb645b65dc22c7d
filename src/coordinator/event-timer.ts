import { TimerEntry } from '../base/timing-wheel.js'

export interface EventSink<Event> {
  timerExpired(event: Event): void
}

/**
 * A deadline inside a replicated state: when it passes, its event enters the shard like any other. The state owns
 * the timer and lists it in `timers()`; only the runtime schedules and cancels it, so a transition stays pure.
 */
export class EventTimer<Event> extends TimerEntry {
  readonly event: Event
  /** The shard that scheduled it last. */
  sink: EventSink<Event> | null = null

  constructor(event: Event) {
    super()
    this.event = event
  }

  override expire(): void {
    this.sink?.timerExpired(this.event)
  }
}
