/** The broker's own topics, seen by clients as internal. */
export const InternalTopic = {
  ConsumerOffsets: '__consumer_offsets',
  TransactionState: '__transaction_state',
  ShareGroupState: '__share_group_state',
} as const

/** Where the cluster's metadata lives; never a topic for clients. */
export const METADATA_TOPIC = '__cluster_metadata'

const internalNames: ReadonlySet<string> = new Set(Object.values(InternalTopic))
const NAME_LENGTH_MAX = 249
const LEGAL = /^[a-zA-Z0-9._-]+$/

export function isInternal(name: string): boolean {
  return internalNames.has(name)
}

/** Why the name is not allowed, in Kafka's words; null when it is. */
export function topicNameError(name: string): string | null {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed'
  if (name === '.' || name === '..') return `Topic name is invalid: '.' and '..' are not allowed`
  if (name.length > NAME_LENGTH_MAX) {
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${NAME_LENGTH_MAX}`
  }
  if (!LEGAL.test(name)) {
    return (
      `Topic name is invalid: '${name}' contains one or more characters other than ` +
      `ASCII alphanumerics, '.', '_' and '-'`
    )
  }
  return null
}

/** Names with one key would share their metric names, so only one of them may exist. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_')
}
