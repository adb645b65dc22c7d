/**
 * Lets many callers share one sync. What was done before `request` is covered when it resolves: a call made while a
 * sync runs waits for the next one, together with every other such call.
 */
export class SharedSync {
  private running: Promise<void> = Promise.resolve()
  private next: Promise<void> | null = null

  constructor(private readonly sync: () => Promise<void>) {}

  request(): Promise<void> {
    this.next ??= this.running.then(() => {
      this.next = null
      const result = this.sync()
      this.running = result.catch(() => {})
      return result
    })
    return this.next
  }
}
