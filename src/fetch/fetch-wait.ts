import { AdvanceListener } from '../log/advance-listener.js'

export interface ByteCounter {
  gained(bytes: number): void
}

/** One partition that a fetch waits for. */
export class FetchWait extends AdvanceListener {
  /** Who counts the bytes it gains. A later fetch of the same session takes it over. */
  counter: ByteCounter | null = null

  override advanced(bytes: number): void {
    this.counter?.gained(bytes)
  }
}
