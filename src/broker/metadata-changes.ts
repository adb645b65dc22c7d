import type { Logger } from '../base/logger.js'
import type { MetadataDelta } from '../cluster/metadata-delta.js'
import { type MetadataImage, ResourceType, type TopicImage } from '../cluster/metadata-image.js'
import type { BrokerConfig, DynamicLevel } from '../config/broker-config.js'
import { isTopicDefault, resolveTopicConfig } from '../config/topic-config.js'
import type { LogManager } from '../log/log-manager.js'
import type { Partition } from '../log/partition.js'

/** Who else acts when partitions come and go: the coordinators, for their internal topics. */
export interface PartitionObserver {
  opened(partition: Partition): Promise<void>
  /** Before the logs of the topic are closed. */
  deleting(topic: TopicImage): Promise<void>
}

/** Makes the logs and the live settings what the metadata image says. */
export class MetadataChanges {
  constructor(
    private readonly rooms: {
      readonly image: MetadataImage
      readonly config: BrokerConfig
      readonly logs: LogManager
      readonly observer: PartitionObserver
      readonly logger: Logger
    },
  ) {
    rooms.config.watchAll((name) => {
      if (isTopicDefault(name)) for (const topic of rooms.image.topics()) this.configure(topic)
    })
  }

  /** Opens what the image holds at start. A partition that cannot be opened does not keep the others closed. */
  async openAll(): Promise<void> {
    const opens = [...this.rooms.image.topics()].map((topic) => this.open(topic, 0, false))
    await Promise.all(opens)
  }

  async apply(delta: MetadataDelta): Promise<void> {
    for (const topic of delta.topicsDeleted) await this.delete(topic)
    for (const topic of delta.topicsReconfigured) this.configure(topic)
    for (const { resourceType, resourceName } of delta.resourcesReconfigured) {
      if (resourceType === ResourceType.Broker) this.configureBroker(resourceName)
    }
    const opens = [
      ...delta.topicsCreated.map((topic) => this.open(topic, 0, true)),
      ...delta.partitionsAdded.map(({ topic, firstPartition }) => this.open(topic, firstPartition, true)),
    ]
    const failed = (await Promise.all(opens)).reduce((sum, count) => sum + count, 0)
    if (failed > 0) throw new Error(`${failed} partitions could not be opened`)
  }

  /** Overrides for this broker and for all brokers, as stored, become the live settings. */
  configureBrokers(): void {
    this.configureBroker('')
    this.configureBroker(String(this.rooms.image.nodeId))
  }

  /** Resolves to the number of partitions that could not be opened. */
  private async open(topic: TopicImage, firstPartition: number, isNew: boolean): Promise<number> {
    const { logs, observer, logger, image } = this.rooms
    const config = resolveTopicConfig(this.rooms.config, topic.configs)
    const opens = topic.partitions.map(async ({ leader, leaderEpoch }, partition) => {
      if (partition < firstPartition || leader !== image.nodeId) return 0
      try {
        const { name, id } = topic
        const opened = await logs.createPartition({
          topic: name,
          topicId: id,
          partition,
          leaderEpoch,
          config,
          isNew,
        })
        await observer.opened(opened)
        return 0
      } catch (error) {
        const fields = { topic: topic.name, partition, error: String(error) }
        logger.error('partition could not be opened and is offline', fields)
        return 1
      }
    })
    return (await Promise.all(opens)).reduce<number>((sum, count) => sum + count, 0)
  }

  private async delete(topic: TopicImage): Promise<void> {
    const { logs, observer, logger } = this.rooms
    await observer.deleting(topic)
    const deletions = topic.partitions.map((_, partition) => logs.deletePartition(topic.name, partition))
    for (const result of await Promise.allSettled(deletions)) {
      if (result.status === 'fulfilled') continue
      const fields = { topic: topic.name, error: String(result.reason) }
      logger.error('files of a deleted partition could not be removed', fields)
    }
  }

  private configure(topic: TopicImage): void {
    const { logs, config } = this.rooms
    logs.configure(topic.name, resolveTopicConfig(config, topic.configs))
  }

  private readonly applied = new Map<string, ReadonlyMap<string, string>>()

  private configureBroker(resourceName: string): void {
    const { image, config, logger } = this.rooms
    if (resourceName !== '' && resourceName !== String(image.nodeId)) return
    const level: DynamicLevel = resourceName === '' ? 'cluster' : 'broker'
    const before = this.applied.get(resourceName) ?? new Map<string, string>()
    const after = image.configsOf(ResourceType.Broker, resourceName)
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const value = after.get(name) ?? null
      if (value === (before.get(name) ?? null)) continue
      try {
        config.setDynamic(name, value, level)
        logger.info('setting changed', { name, value: config.text(name), scope: level })
      } catch (error) {
        logger.warn('a stored setting is not accepted and has no effect', { name, error: String(error) })
      }
    }
    this.applied.set(resourceName, after)
  }
}
