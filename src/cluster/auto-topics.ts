import { ErrorCode } from '../protocol/errors.js'
import type { Controller } from './controller.js'
import type { TopicImage } from './metadata-image.js'
import { type Refusal, refuse } from './outcome.js'
import { InternalTopic } from './topic-name.js'

export interface InternalTopicSettings {
  readonly partitionCount: number
  readonly segmentBytes: number
}

/** Creates topics that nobody asked an admin for: those clients merely mention, and the coordinators' own. */
export class AutoTopics {
  private readonly inFlight = new Map<string, Promise<Refusal>>()

  constructor(
    private readonly controller: Controller,
    private readonly internalSettings: (name: string) => InternalTopicSettings,
  ) {}

  /**
   * Resolves when the topic's partitions are open, with NONE or why it could not be created. Callers that ask for
   * the same topic at the same time share one creation.
   */
  ensure(name: string): Promise<Refusal> {
    const running = this.inFlight.get(name)
    if (running !== undefined) return running
    const creation = this.create(name).finally(() => this.inFlight.delete(name))
    this.inFlight.set(name, creation)
    return creation
  }

  /** An internal topic that the caller cannot do without; undefined when it could not be created. */
  async internal(name: string): Promise<TopicImage | undefined> {
    const { image } = this.controller
    if (image.topicByName(name) === undefined) await this.ensure(name)
    return image.topicByName(name)
  }

  private async create(name: string): Promise<Refusal> {
    const internal = Object.values<string>(InternalTopic).includes(name)
    const settings = internal ? this.internalSettings(name) : null
    const topic = {
      name,
      numPartitions: settings?.partitionCount ?? -1,
      replicationFactor: settings === null ? -1 : 1,
      assignments: [],
      configs: settings === null ? [] : internalConfigs(name, settings),
    }
    const [result] = await this.controller.createTopics([topic], { validateOnly: false })
    if (result === undefined) return refuse(ErrorCode.UNKNOWN_SERVER_ERROR, null)
    if (result.errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) return refuse(ErrorCode.NONE, null)
    return result
  }
}

/** As Kafka creates them: offsets are compacted keeping the producer's codec, transactions stay uncompressed. */
function internalConfigs(name: string, { segmentBytes }: InternalTopicSettings) {
  const shared = [{ name: 'segment.bytes', value: String(segmentBytes) }]
  switch (name) {
    case InternalTopic.ConsumerOffsets:
      return [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'compression.type', value: 'producer' },
        ...shared,
      ]
    case InternalTopic.TransactionState:
      return [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'compression.type', value: 'uncompressed' },
        ...shared,
      ]
    default:
      return [{ name: 'cleanup.policy', value: 'delete' }, { name: 'retention.ms', value: '-1' }, ...shared]
  }
}
