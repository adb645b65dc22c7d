/**
 * Runs asynchronous operations one after the other, in the order of the calls. A failing one does not stop those
 * behind it. `run` answers null at once when too many wait already.
 */
export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve()
  private waiting = 0

  constructor(private readonly waitingMax: number) {}

  run<T>(operation: () => Promise<T>): Promise<T> | null {
    if (this.waiting >= this.waitingMax) return null
    this.waiting++
    const result = this.tail.then(operation).finally(() => {
      this.waiting--
    })
    this.tail = result.catch(() => {})
    return result
  }

  /** Resolves when everything queued so far has ended. */
  async idle(): Promise<void> {
    await this.tail
  }
}
