import type { TopicImage } from './metadata-image.js'

/** What one batch of metadata records changed, for those who act on it: open logs, load groups, watch keys. */
export interface MetadataDelta {
  readonly topicsCreated: TopicImage[]
  /** Existing topics that gained the partitions from `firstPartition` on. */
  readonly partitionsAdded: { readonly topic: TopicImage; readonly firstPartition: number }[]
  /** As they were last. */
  readonly topicsDeleted: TopicImage[]
  /** Existing topics whose overrides changed. */
  readonly topicsReconfigured: TopicImage[]
  /** Resources other than topics whose overrides changed. */
  readonly resourcesReconfigured: { readonly resourceType: number; readonly resourceName: string }[]
}

export function isEmpty(delta: MetadataDelta): boolean {
  return Object.values(delta).every((changes: unknown[]) => changes.length === 0)
}
