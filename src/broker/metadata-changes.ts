import type { Logger } from '../base/logger.js'
import type { MetadataDelta } from '../cluster/metadata-delta.js'
import { type MetadataImage, ResourceType, type TopicImage } from '../cluster/metadata-image.js'
import type { BrokerConfig, DynamicLevel } from '../config/broker-config.js'
import { isTopicDefault, resolveTopicConfig } from '../config/topic-config.js'
import type { LogConfig } from '../log/log-config.js'
import type { LogManager } from '../log/log-manager.js'
import type { Partition } from '../log/partition.js'

/** Who else acts when partitions come and go: the coordinators, for their internal topics. */
export interface PartitionObserver {
  opened(partition: Partition): Promise<void>
  /** Before the logs of the topic are closed. */
  deleting(topic: TopicImage): Promise<void>
}

/** A topic, or what was added to one. */
interface OpenedPart {
  readonly topic: TopicImage
  readonly firstPartition: number
}

interface Wanted {
  readonly topic: string
  readonly image: TopicImage
  readonly partition: number
  readonly config: LogConfig
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
    await this.open(
      [...this.rooms.image.topics()].map((topic) => ({ topic, firstPartition: 0 })),
      false,
    )
  }

  async apply(delta: MetadataDelta): Promise<void> {
    for (const topic of delta.topicsDeleted) await this.delete(topic)
    for (const topic of delta.topicsReconfigured) this.configure(topic)
    for (const { resourceType, resourceName } of delta.resourcesReconfigured) {
      if (resourceType === ResourceType.Broker) this.configureBroker(resourceName)
    }
    const created = delta.topicsCreated.map((topic) => ({ topic, firstPartition: 0 }))
    const failed = await this.open([...created, ...delta.partitionsAdded], true)
    if (failed > 0) throw new Error(`${failed} partitions could not be opened`)
  }

  /** Overrides for this broker and for all brokers, as stored, become the live settings. */
  configureBrokers(): void {
    this.configureBroker('')
    this.configureBroker(String(this.rooms.image.nodeId))
  }

  /** Returns how many could not be opened. */
  private async open(parts: readonly OpenedPart[], isNew: boolean): Promise<number> {
    const { logs, config, image } = this.rooms
    const wanted = parts.flatMap(({ topic, firstPartition }) => {
      const { name, partitions } = topic
      const settings = resolveTopicConfig(config, topic.configs)
      return partitions.flatMap(({ leader }, partition): Wanted[] => {
        const ours = partition >= firstPartition && leader === image.nodeId
        return ours ? [{ topic: name, image: topic, partition, config: settings }] : []
      })
    })
    let failed = 0
    await logs.inTurns(wanted, async (each) => {
      if (!(await this.openOne(each, isNew))) failed++
    })
    return failed
  }

  private async openOne({ topic, image, partition, config }: Wanted, isNew: boolean): Promise<boolean> {
    const { logs, observer, logger } = this.rooms
    try {
      const leaderEpoch = image.partitions[partition]?.leaderEpoch ?? 0
      const opening = { topic, topicId: image.id, partition, leaderEpoch, config, isNew }
      await observer.opened(await logs.createPartition(opening))
      return true
    } catch (error) {
      const fields = { topic, partition, error: String(error) }
      logger.error('partition could not be opened and is offline', fields)
      return false
    }
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
