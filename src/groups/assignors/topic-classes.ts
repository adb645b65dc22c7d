import type { AssignorMember, AssignorTopic } from './assignor.js'

/** Topics with the very same subscribers, which can be dealt out together. */
export interface TopicClass {
  readonly topics: readonly AssignorTopic[]
  readonly subscribers: readonly AssignorMember[]
}

/**
 * Every topic with a subscriber, in as few classes as there are kinds of subscriptions: most groups have one, and are
 * assigned in the time their members and partitions take, not their product. Members that subscribe alike are
 * recognized by sharing their set of ids.
 */
export function topicClasses(
  members: readonly AssignorMember[],
  topics: ReadonlyMap<string, AssignorTopic>,
): TopicClass[] {
  const kinds = [...new Set(members.map(({ topicIds }) => topicIds))]
  const byKinds = new Map<string, { topics: AssignorTopic[]; kinds: ReadonlySet<ReadonlySet<string>> }>()
  for (const topic of topics.values()) {
    const subscribed = kinds.filter((topicIds) => topicIds.has(topic.id))
    if (subscribed.length === 0) continue
    const key = subscribed.map((topicIds) => kinds.indexOf(topicIds)).join()
    const known = byKinds.get(key)
    if (known === undefined) byKinds.set(key, { topics: [topic], kinds: new Set(subscribed) })
    else known.topics.push(topic)
  }
  return [...byKinds.values()].map((each) => ({
    topics: each.topics.sort((a, b) => (a.id < b.id ? -1 : 1)),
    subscribers: members.filter(({ topicIds }) => each.kinds.has(topicIds)),
  }))
}
