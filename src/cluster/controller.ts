import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import { type ChangedResource, planAlterConfigs, type ResourceChange } from './alter-configs.js'
import type { ConfigRules } from './config-rules.js'
import { type GrownTopic, type PartitionGrowth, planCreatePartitions } from './create-partitions.js'
import { type CreatedTopic, type NewTopic, planCreateTopics } from './create-topics.js'
import { type DeletedTopic, planDeleteTopics, type TopicReference } from './delete-topics.js'
import { OPERATION_RECORDS_MAX, OPERATIONS_WAITING_MAX } from './limits.js'
import { isEmpty, type MetadataDelta } from './metadata-delta.js'
import type { MetadataImage } from './metadata-image.js'
import type { MetadataRecord } from './metadata-record.js'
import type { MetadataStore } from './metadata-store.js'
import { BUSY, isRefused, type Refusal, STORAGE_FAILED, TOO_LARGE } from './outcome.js'
import { SerialQueue } from './serial-queue.js'
import {
  type FeatureRange,
  type FeatureUpdate,
  planUpdateFeatures,
  type UpdatedFeature,
} from './update-features.js'

export interface ControllerDependencies {
  readonly store: MetadataStore
  readonly rules: ConfigRules
  /** Read anew for each operation: both are live configuration. */
  readonly defaults: () => { readonly partitionCount: number; readonly replicationFactor: number }
  readonly random: Random
  readonly logger: Logger
  /** Acts on a change (opens logs, loads groups) before the client hears of it. */
  readonly onDelta: (delta: MetadataDelta) => Promise<void>
}

interface Plan<Result extends Refusal> {
  readonly results: Result[]
  readonly records: MetadataRecord[]
}

/**
 * Every change of the cluster's metadata. Operations run one after the other: plan against the image, append the
 * records of all that was accepted as one batch, apply them, let the broker act on the difference, answer. So a
 * client that was told "created" finds the partitions open.
 */
export class Controller {
  private readonly queue = new SerialQueue(OPERATIONS_WAITING_MAX)

  constructor(private readonly deps: ControllerDependencies) {}

  get image(): MetadataImage {
    return this.deps.store.image
  }

  createTopics(topics: readonly NewTopic[], options: { validateOnly: boolean }): Promise<CreatedTopic[]> {
    const plan = () => {
      const { rules, defaults, random } = this.deps
      const newTopicId = () => random.uuid()
      return planCreateTopics(topics, { image: this.image, rules, defaults: defaults(), newTopicId })
    }
    const nothing = { topicId: null, partitionCount: -1, replicationFactor: -1, configs: new Map() }
    const refused = (refusal: Refusal) => topics.map(({ name }) => ({ name, ...nothing, ...refusal }))
    return this.run(plan, refused, options.validateOnly)
  }

  deleteTopics(topics: readonly TopicReference[]): Promise<DeletedTopic[]> {
    const refused = (refusal: Refusal) => topics.map((topic) => ({ ...topic, ...refusal }))
    return this.run(() => planDeleteTopics(topics, this.image), refused, false)
  }

  createPartitions(
    topics: readonly PartitionGrowth[],
    options: { validateOnly: boolean },
  ): Promise<GrownTopic[]> {
    const refused = (refusal: Refusal) => topics.map(({ name }) => ({ name, ...refusal }))
    return this.run(() => planCreatePartitions(topics, this.image), refused, options.validateOnly)
  }

  alterConfigs(
    resources: readonly ResourceChange[],
    options: { validateOnly: boolean },
  ): Promise<ChangedResource[]> {
    const plan = () => planAlterConfigs(resources, { image: this.image, rules: this.deps.rules })
    const refused = (refusal: Refusal) =>
      resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, ...refusal }))
    return this.run(plan, refused, options.validateOnly)
  }

  updateFeatures(
    updates: readonly FeatureUpdate[],
    options: { supported: readonly FeatureRange[]; validateOnly: boolean },
  ): Promise<UpdatedFeature[]> {
    const plan = () => planUpdateFeatures(updates, { image: this.image, supported: options.supported })
    const refused = (refusal: Refusal) => updates.map(({ name }) => ({ name, ...refusal }))
    return this.run(plan, refused, options.validateOnly)
  }

  /** A block of producer ids nobody else gets, not even after a crash. Rejects when the log cannot be written. */
  async allocateProducerIds(count: number): Promise<{ firstProducerId: number; count: number }> {
    let firstProducerId = 0
    const allocation = this.queue.run(async () => {
      const { nodeId, nextProducerId, brokers } = this.image
      firstProducerId = nextProducerId
      const brokerEpoch = brokers.get(nodeId)?.epoch ?? -1
      const value = { brokerId: nodeId, brokerEpoch, nextProducerId: nextProducerId + count }
      await this.commit([{ type: 'ProducerIds', value }])
    })
    if (allocation === null) throw new Error('the controller has too many operations waiting')
    await allocation
    return { firstProducerId, count }
  }

  /** Appends records that need no planning: the broker's own registration and features. */
  async record(records: () => MetadataRecord[]): Promise<void> {
    await this.queue.run(() => this.commit(records()))
  }

  /** Waits for the operations begun so far. */
  stop(): Promise<void> {
    return this.queue.idle()
  }

  private async run<Result extends Refusal>(
    plan: () => Plan<Result>,
    refused: (refusal: Refusal) => Result[],
    validateOnly: boolean,
  ): Promise<Result[]> {
    const operation = async () => {
      const { results, records } = plan()
      if (records.length > OPERATION_RECORDS_MAX) {
        return results.map((result) => (isRefused(result) ? result : { ...result, ...TOO_LARGE }))
      }
      if (!validateOnly) await this.commit(records)
      return results
    }
    try {
      return await (this.queue.run(operation) ?? refused(BUSY))
    } catch (error) {
      this.deps.logger.error('metadata operation failed', { error: String(error) })
      return refused(STORAGE_FAILED)
    }
  }

  private async commit(records: MetadataRecord[]): Promise<void> {
    if (records.length === 0) return
    const delta = await this.deps.store.append(records)
    if (!isEmpty(delta)) await this.deps.onDelta(delta)
  }
}
