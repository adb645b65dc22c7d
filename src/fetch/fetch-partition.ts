import { AdvanceListener } from '../log/advance-listener.js'
import type { Partition } from '../log/partition.js'
import { newReadResult, type ReadResult } from '../log/read.js'

/** What a client asks of one partition. */
export interface FetchWish {
  readonly partition: number
  readonly fetchOffset: number
  readonly partitionMaxBytes: number
  readonly currentLeaderEpoch: number
  readonly lastFetchedEpoch: number
}

export interface ByteCounter {
  gained(bytes: number): void
}

/**
 * One partition of a fetch: the wish, the partition it names and the last read. In a session it lives on from
 * request to request, so a fetch that finds nothing new allocates nothing per partition.
 */
export class FetchPartition extends AdvanceListener {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  fetchOffset = 0
  maxBytes = 0
  currentLeaderEpoch = -1
  lastFetchedEpoch = -1
  /** The open partition, looked up anew when it is closed. */
  source: Partition | undefined = undefined
  readonly result: ReadResult = newReadResult()
  /** Who counts the bytes this partition gains. A later fetch of the same session takes it over. */
  counter: ByteCounter | null = null
  private sentHighWatermark = -1
  private sentLogStartOffset = -1

  constructor(topic: string, topicId: string, wish: FetchWish) {
    super()
    this.topic = topic
    this.topicId = topicId
    this.partition = wish.partition
    this.update(wish)
  }

  /** By which a session knows it; made anew each time, for most fetches never need it. */
  get key(): string {
    return fetchKey(this.topic, this.topicId, this.partition)
  }

  update(wish: FetchWish): void {
    this.fetchOffset = wish.fetchOffset
    this.maxBytes = wish.partitionMaxBytes
    this.currentLeaderEpoch = wish.currentLeaderEpoch
    this.lastFetchedEpoch = wish.lastFetchedEpoch
  }

  override advanced(bytes: number): void {
    this.counter?.gained(bytes)
  }

  /** The client knows nothing of this partition that the last read would not change. */
  get changed(): boolean {
    const { errorCode, length, highWatermark, logStartOffset, divergingEpoch } = this.result
    if (errorCode !== 0 || length > 0 || divergingEpoch >= 0) return true
    return highWatermark !== this.sentHighWatermark || logStartOffset !== this.sentLogStartOffset
  }

  /** The last read goes out. After an error the next answer is sent whatever it is. */
  sent(): void {
    const { errorCode, highWatermark, logStartOffset } = this.result
    this.sentHighWatermark = errorCode === 0 ? highWatermark : -1
    this.sentLogStartOffset = logStartOffset
  }
}

/** Topics are told apart by id where the request has ids, else by name. */
export function fetchKey(topic: string, topicId: string, partition: number): string {
  return `${topic === '' ? topicId : topic}:${partition}`
}
