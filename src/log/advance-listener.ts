/**
 * Told when records of one partition become readable. It is itself the link of the list it waits in, so that a fetch
 * of many partitions waits in all of them without allocating or hashing anything. In at most one list at a time.
 */
export abstract class AdvanceListener {
  next: AdvanceListener = this
  prev: AdvanceListener = this

  /** `bytes` is what was added; Infinity when the partition ended. May unlink any listener, this one included. */
  abstract advanced(bytes: number): void

  get linked(): boolean {
    return this.next !== this
  }

  /** Quiet when it waits nowhere. */
  unlink(): void {
    const { next, prev } = this
    prev.next = next
    next.prev = prev
    this.next = this
    this.prev = this
  }
}

export class AdvanceList {
  /** None until the first one waits: at most partitions nobody ever does. */
  private ends: Ends | null = null

  /** Moves a listener here that waits elsewhere. */
  add(listener: AdvanceListener): void {
    listener.unlink()
    this.ends ??= { waiting: new Sentinel(), telling: new Sentinel() }
    append(this.ends.waiting, listener)
  }

  notify(bytes: number): void {
    if (this.ends === null) return
    const { waiting, telling } = this.ends
    if (!waiting.linked) return
    moveAll(waiting, telling)
    while (telling.linked) {
      const listener = telling.next
      listener.unlink()
      append(waiting, listener)
      listener.advanced(bytes)
    }
  }
}

class Sentinel extends AdvanceListener {
  override advanced(): void {}
}

interface Ends {
  readonly waiting: Sentinel
  /** Those still to be told; not empty between calls only when a listener threw. */
  readonly telling: Sentinel
}

function append(list: AdvanceListener, link: AdvanceListener): void {
  const last = list.prev
  link.prev = last
  link.next = list
  last.next = link
  list.prev = link
}

/** The emptied list is as after construction. */
function moveAll(from: AdvanceListener, to: AdvanceListener): void {
  const { next: first, prev: last } = from
  from.next = from
  from.prev = from
  const end = to.prev
  end.next = first
  first.prev = end
  last.next = to
  to.prev = last
}
