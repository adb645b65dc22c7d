/** One received frame, as the engine named it. */
export interface Frame {
  sequence: number
  /** The frame is `slab[position, position + length)`. */
  position: number
  length: number
  verdict: number
  /** Slab handle, to be released exactly once. */
  frame: number
}

/** Frames of a muted connection, first in first out. Bounded by the reactor, which stops reading at its limit. */
export class FrameQueue {
  private frames: Frame[] = []
  private head = 0

  get size(): number {
    return this.frames.length - this.head
  }

  push(frame: Frame): void {
    this.frames.push(frame)
  }

  shift(): Frame | undefined {
    if (this.head === this.frames.length) return undefined
    const frame = this.frames[this.head++]
    if (this.head === this.frames.length) {
      this.frames.length = 0
      this.head = 0
    }
    return frame
  }
}
