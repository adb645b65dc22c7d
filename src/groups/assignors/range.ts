import type { Assignor, AssignorMember } from './assignor.js'

/**
 * Per topic, each subscriber gets one contiguous range, sizes differing by at most one. Topics with equal partition
 * counts and subscribers are divided alike and can be joined partition by partition. Subscribers keep the order
 * that their last ranges had, so those who stay keep most of theirs.
 */
export const range: Assignor = {
  name: 'range',
  assign(members, topics) {
    const assignment = new Map(members.map(({ memberId }) => [memberId, new Map<string, Set<number>>()]))
    for (const { id, partitionCount } of topics.values()) {
      const subscribers = inOrder(
        members.filter(({ topicIds }) => topicIds.has(id)),
        id,
      )
      let next = 0
      for (const [at, { memberId }] of subscribers.entries()) {
        const size = Math.floor(partitionCount / subscribers.length)
        const end = next + size + (at < partitionCount % subscribers.length ? 1 : 0)
        const partitions = new Set<number>()
        for (; next < end; next++) partitions.add(next)
        if (partitions.size > 0) assignment.get(memberId)?.set(id, partitions)
      }
    }
    return assignment
  },
}

/** A topic that nobody had yet takes the order of the others, so that it is divided as they are. */
function inOrder(subscribers: readonly AssignorMember[], topicId: string): AssignorMember[] {
  const isOld = subscribers.some(({ assigned }) => assigned.has(topicId))
  const firsts = new Map(
    subscribers.map((member) => {
      const { assigned } = member
      return [member, firstPartition(isOld ? [assigned.get(topicId) ?? []] : assigned.values())]
    }),
  )
  const byId = (a: AssignorMember, b: AssignorMember) => (a.memberId < b.memberId ? -1 : 1)
  return [...subscribers].sort((a, b) => (firsts.get(a) as number) - (firsts.get(b) as number) || byId(a, b))
}

/** Members that had nothing come last; a finite number, because differences of infinities are none. */
function firstPartition(assigned: Iterable<Iterable<number>>): number {
  let first = Number.MAX_SAFE_INTEGER
  for (const partitions of assigned) for (const partition of partitions) first = Math.min(first, partition)
  return first
}
