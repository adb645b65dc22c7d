import { assert } from '../base/assert.js'

/**
 * A request waiting for its reply. It completes exactly once, by whichever comes first: a transition's reply once
 * the records before it are written, or the failure of its shard. Whoever completes it must first have taken it out
 * of every place that could complete it again; a second completion is our bug.
 */
export class Wait<Reply> {
  #complete: ((reply: Reply) => void) | null
  readonly #failure: (code: number) => Reply

  /** `failure` makes the reply that carries one error code. */
  constructor(complete: (reply: Reply) => void, failure: (code: number) => Reply) {
    this.#complete = complete
    this.#failure = failure
  }

  get settled(): boolean {
    return this.#complete === null
  }

  complete(reply: Reply): void {
    const complete = this.#complete
    assert(complete !== null, 'A wait completes once.')
    this.#complete = null
    complete(reply)
  }

  fail(code: number): void {
    this.complete(this.#failure(code))
  }
}

/** Any wait, for those who only ever fail it. */
export type Failable = { fail(code: number): void }
