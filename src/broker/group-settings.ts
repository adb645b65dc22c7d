import { type MetadataImage, ResourceType } from '../cluster/metadata-image.js'
import type { BrokerConfig } from '../config/broker-config.js'
import { type GroupOverrides, resolveGroupConfig } from '../config/group-config.js'
import type { ConsumerGroupSettings } from '../groups/consumer/environment.js'

/** Resolved settings that are kept; past it all are forgotten and resolved again when next asked for. */
const KEPT_GROUPS_MAX = 10_000

interface Resolved {
  readonly overrides: GroupOverrides
  readonly settings: ConsumerGroupSettings
}

/**
 * The timings of consumer groups, resolved once and not with every heartbeat. The image replaces a group's overrides
 * when they change, which is how a change is noticed; a change of a broker setting forgets everything.
 */
export class GroupSettings {
  readonly #image: MetadataImage
  readonly #config: BrokerConfig
  readonly #ofGroups = new Map<string, Resolved>()
  #defaults: ConsumerGroupSettings | null = null

  constructor(image: MetadataImage, config: BrokerConfig) {
    this.#image = image
    this.#config = config
    config.watchAll((name) => {
      if (name.startsWith('group.consumer.')) this.#forget()
    })
  }

  of(groupId: string): ConsumerGroupSettings {
    const overrides = this.#image.configsOf(ResourceType.Group, groupId)
    if (overrides.size === 0) {
      this.#defaults ??= this.#resolve(overrides)
      return this.#defaults
    }
    const known = this.#ofGroups.get(groupId)
    if (known?.overrides === overrides) return known.settings
    if (this.#ofGroups.size >= KEPT_GROUPS_MAX) this.#ofGroups.clear()
    const settings = this.#resolve(overrides)
    this.#ofGroups.set(groupId, { overrides, settings })
    return settings
  }

  #resolve(overrides: GroupOverrides): ConsumerGroupSettings {
    const settings = resolveGroupConfig(this.#config, overrides)
    return {
      sessionTimeoutMs: settings.consumerSessionTimeoutMs,
      heartbeatIntervalMs: settings.consumerHeartbeatIntervalMs,
      assignmentIntervalMs: settings.consumerAssignmentIntervalMs,
    }
  }

  #forget(): void {
    this.#ofGroups.clear()
    this.#defaults = null
  }
}
