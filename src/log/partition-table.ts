import type { Partition } from './partition.js'

/** The open partitions, found by name, by topic id and by engine handle. */
export class PartitionTable {
  private readonly topics = new Map<string, (Partition | undefined)[]>()
  private readonly names = new Map<string, string>()
  private readonly logs: (Partition | undefined)[] = []
  private count = 0

  get size(): number {
    return this.count
  }

  get(topic: string, partition: number): Partition | undefined {
    return this.topics.get(topic)?.[partition]
  }

  getById(topicId: string, partition: number): Partition | undefined {
    const topic = this.names.get(topicId)
    return topic === undefined ? undefined : this.get(topic, partition)
  }

  byLog(log: number): Partition | undefined {
    return this.logs[log]
  }

  topicName(topicId: string): string | undefined {
    return this.names.get(topicId)
  }

  hasTopic(topic: string): boolean {
    return this.topics.has(topic)
  }

  *ofTopic(topic: string): Iterable<Partition> {
    for (const partition of this.topics.get(topic) ?? []) if (partition !== undefined) yield partition
  }

  *all(): Iterable<Partition> {
    for (const topic of this.topics.keys()) yield* this.ofTopic(topic)
  }

  add(partition: Partition): void {
    const partitions = this.topics.get(partition.topic) ?? []
    partitions[partition.partition] = partition
    this.topics.set(partition.topic, partitions)
    this.names.set(partition.topicId, partition.topic)
    this.logs[partition.log] = partition
    this.count++
  }

  remove(partition: Partition): void {
    const partitions = this.topics.get(partition.topic)
    if (partitions?.[partition.partition] !== partition) return
    partitions[partition.partition] = undefined
    this.logs[partition.log] = undefined
    this.count--
    if (partitions.some((other) => other !== undefined)) return
    this.topics.delete(partition.topic)
    this.names.delete(partition.topicId)
  }
}
