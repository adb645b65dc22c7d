import type { Partition } from '../log/partition.js'
import { ReadRows } from '../log/read-rows.js'
import { FetchWait } from './fetch-wait.js'

const LINKS = 4
const TOPIC = 0
const PARTITION = 1
const NEXT = 2
const PREV = 3
const NONE = -1

/** A topic by name or, in newer versions, by id; what the request does not say is the empty name or the zero id. */
export interface FetchTopic {
  readonly topic: string
  readonly topicId: string
}

/**
 * The partitions of a fetch in the order of serving: which they are, what is asked and answered of each, and what the
 * client of a session was told last. Rows keep their numbers until they are removed; `first` and `next` go through
 * them in order. In a session they live on from request to request, else the next request uses them again.
 */
export class FetchRows extends ReadRows {
  /** Rows in order. */
  size = 0
  first = NONE
  private last = NONE
  /** What lies behind the count is left from before. */
  private readonly topics: FetchTopic[] = []
  private topicCount = 0
  private links: Int32Array
  /** High watermark and log start offset that were sent last. */
  private sent: Float64Array
  private readonly sources: (Partition | undefined)[] = []
  private readonly waits: (FetchWait | undefined)[] = []
  private free = NONE

  constructor(capacity = 4) {
    super(capacity)
    this.links = new Int32Array(capacity * LINKS)
    this.sent = new Float64Array(capacity * 2)
  }

  /** Empty again, with the memory it has. Nobody waits. */
  clear(): void {
    this.count = 0
    this.size = 0
    this.first = NONE
    this.last = NONE
    this.free = NONE
    // Not by their lengths: setting one is a call into the engine that costs more than the rest.
    this.topicCount = 0
  }

  /** Its number; a topic that comes twice in a row has one. */
  addTopic(topic: FetchTopic): number {
    const { topics, topicCount } = this
    const last = topicCount > 0 ? topics[topicCount - 1] : undefined
    if (last !== undefined && last.topic === topic.topic && last.topicId === topic.topicId)
      return topicCount - 1
    topics[topicCount] = topic
    return this.topicCount++
  }

  /** Instead of one that no row has any more. */
  replaceTopic(index: number, topic: FetchTopic): void {
    this.topics[index] = topic
  }

  /** Goes to the end of the order. */
  add(topic: number, partition: number): number {
    let row = this.free
    if (row === NONE) row = this.addRow()
    else this.free = this.links[row * LINKS + NEXT] as number
    const at = row * LINKS
    this.links[at + TOPIC] = topic
    this.links[at + PARTITION] = partition
    this.sent[row * 2] = NONE
    this.sent[row * 2 + 1] = NONE
    this.sources[row] = undefined
    this.append(row)
    this.size++
    return row
  }

  remove(row: number): void {
    this.unlink(row)
    this.size--
    this.sources[row] = undefined
    // Who waits for it keeps counting what it gains.
    this.waits[row] = undefined
    this.links[row * LINKS + NEXT] = this.free
    this.free = row
  }

  moveToEnd(row: number): void {
    if (row === this.last) return
    this.unlink(row)
    this.append(row)
  }

  /** -1 behind the last. */
  next(row: number): number {
    return this.links[row * LINKS + NEXT] as number
  }

  topicIndex(row: number): number {
    return this.links[row * LINKS + TOPIC] as number
  }

  topicOf(row: number): FetchTopic {
    return this.topics[this.topicIndex(row)] as FetchTopic
  }

  partition(row: number): number {
    return this.links[row * LINKS + PARTITION] as number
  }

  /** The open partition, to be looked up anew when it is closed. */
  source(row: number): Partition | undefined {
    return this.sources[row]
  }

  setSource(row: number, source: Partition | undefined): void {
    this.sources[row] = source
  }

  /** A table that is used no more is not to keep partitions alive that were deleted. */
  forgetSources(): void {
    for (let row = 0; row < this.count; row++) this.sources[row] = undefined
  }

  waitOf(row: number): FetchWait {
    this.waits[row] ??= new FetchWait()
    return this.waits[row]
  }

  /** The client knows nothing of this partition that the last read would not change. */
  changed(row: number): boolean {
    if (this.errorCode(row) !== 0 || this.length(row) > 0 || this.divergingEpoch(row) >= 0) return true
    const { sent } = this
    return this.highWatermark(row) !== sent[row * 2] || this.logStartOffset(row) !== sent[row * 2 + 1]
  }

  /** The last read goes out. After an error the next answer is sent whatever it is. */
  markSent(row: number): void {
    this.sent[row * 2] = this.errorCode(row) === 0 ? this.highWatermark(row) : NONE
    this.sent[row * 2 + 1] = this.logStartOffset(row)
  }

  protected override grow(capacity: number): void {
    super.grow(capacity)
    const { links, sent } = this
    this.links = new Int32Array(capacity * LINKS)
    this.links.set(links)
    this.sent = new Float64Array(capacity * 2)
    this.sent.set(sent)
  }

  private append(row: number): void {
    const { links, last } = this
    links[row * LINKS + NEXT] = NONE
    links[row * LINKS + PREV] = last
    if (last === NONE) this.first = row
    else links[last * LINKS + NEXT] = row
    this.last = row
  }

  private unlink(row: number): void {
    const { links } = this
    const next = links[row * LINKS + NEXT] as number
    const prev = links[row * LINKS + PREV] as number
    if (prev === NONE) this.first = next
    else links[prev * LINKS + NEXT] = next
    if (next === NONE) this.last = prev
    else links[next * LINKS + PREV] = prev
  }
}
