import type { FetchRows, FetchTopic } from './fetch-rows.js'

/** The partitions of one topic: its number in the rows, and theirs by partition. */
interface IndexedTopic {
  readonly topic: number
  readonly rows: Map<number, number>
}

/** Finds the rows of a session. Topics are told apart by id where the requests have ids, else by name. */
export class RowIndex {
  private readonly topics = new Map<string, IndexedTopic>()
  /** Numbers of topics that have no rows any more. */
  private readonly freeTopics: number[] = []

  constructor(private readonly rows: FetchRows) {}

  /** Takes in every row. Of those that name one partition the first stays, asking for what the last one asks. */
  addAll(): void {
    const { rows } = this
    for (let row = rows.first; row >= 0; ) {
      const next = rows.next(row)
      const indexed = this.indexed(rows.topicOf(row), rows.topicIndex(row))
      const first = indexed.rows.get(rows.partition(row))
      if (first === undefined) {
        indexed.rows.set(rows.partition(row), row)
      } else {
        rows.askLike(first, rows, row)
        rows.remove(row)
      }
      row = next
    }
  }

  /** What these rows ask for holds from now on, for partitions that were there and for new ones. */
  update(wishes: FetchRows): void {
    const { rows } = this
    let topic = -1
    let indexed: IndexedTopic | null = null
    for (let wish = wishes.first; wish >= 0; wish = wishes.next(wish)) {
      if (indexed === null || wishes.topicIndex(wish) !== topic) {
        topic = wishes.topicIndex(wish)
        indexed = this.indexed(wishes.topicOf(wish), -1)
      }
      const partition = wishes.partition(wish)
      let row = indexed.rows.get(partition)
      if (row === undefined) {
        row = rows.add(indexed.topic, partition)
        indexed.rows.set(partition, row)
      }
      rows.askLike(row, wishes, wish)
    }
  }

  forget(topic: FetchTopic, partitions: readonly number[]): void {
    const key = keyOf(topic)
    const indexed = this.topics.get(key)
    if (indexed === undefined) return
    for (const partition of partitions) {
      const row = indexed.rows.get(partition)
      if (row === undefined) continue
      indexed.rows.delete(partition)
      this.rows.remove(row)
    }
    if (indexed.rows.size > 0) return
    this.topics.delete(key)
    this.freeTopics.push(indexed.topic)
  }

  private indexed(topic: FetchTopic, number: number): IndexedTopic {
    const key = keyOf(topic)
    let indexed = this.topics.get(key)
    if (indexed === undefined) {
      indexed = { topic: number < 0 ? this.addTopic(topic) : number, rows: new Map() }
      this.topics.set(key, indexed)
    }
    return indexed
  }

  private addTopic(topic: FetchTopic): number {
    const free = this.freeTopics.pop()
    if (free === undefined) return this.rows.addTopic(topic)
    this.rows.replaceTopic(free, topic)
    return free
  }
}

function keyOf({ topic, topicId }: FetchTopic): string {
  return topic === '' ? topicId : topic
}
