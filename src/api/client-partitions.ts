import { type LogManager, METADATA_TOPIC } from '../log/log-manager.js'
import type { Partition } from '../log/partition.js'
import { ErrorCode } from '../protocol/errors.js'

/** Topics the broker writes itself; a client may read them but neither produce to them nor delete their records. */
const INTERNAL_TOPICS: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
])

export function isInternalTopic(topic: string): boolean {
  return INTERNAL_TOPICS.has(topic)
}

/** The partitions a client can name. The metadata log is one of the broker's logs, but no topic to clients. */
export class ClientPartitions {
  constructor(private readonly logs: LogManager) {}

  partition(topic: string, partition: number): Partition | undefined {
    return topic === METADATA_TOPIC ? undefined : this.logs.partition(topic, partition)
  }

  partitionById(topicId: string, partition: number): Partition | undefined {
    const topic = this.topicName(topicId)
    return topic === undefined ? undefined : this.logs.partition(topic, partition)
  }

  topicName(topicId: string): string | undefined {
    const topic = this.logs.topicName(topicId)
    return topic === METADATA_TOPIC ? undefined : topic
  }

  /** Requests name a topic by name or, in newer versions, by id; then the name is empty. */
  find(topic: { readonly name: string; readonly topicId: string }, partition: number): Partition | undefined {
    return topic.name === ''
      ? this.partitionById(topic.topicId, partition)
      : this.partition(topic.name, partition)
  }

  /** Why `find` found nothing. */
  unknownCode(topic: { readonly name: string; readonly topicId: string }): ErrorCode {
    const unknownId = topic.name === '' && this.topicName(topic.topicId) === undefined
    return unknownId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  }
}
