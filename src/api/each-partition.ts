import { forEachConcurrently } from '../log/concurrency.js'

interface TopicOf<P> {
  readonly name: string
  readonly partitions: readonly P[]
}

interface AnswersOf<A> {
  readonly name: string
  readonly partitions: A[]
}

/** Answers, in the request's order, of partitions that are worked on side by side, at most `max` at a time. */
export async function answerEachPartition<P, A>(
  asked: readonly TopicOf<P>[],
  max: number,
  answer: (name: string, partition: P) => Promise<A>,
): Promise<AnswersOf<A>[]> {
  const topics = asked.map(({ name }) => ({ name, partitions: [] as A[] }))
  const places = asked.flatMap((topic, t) =>
    topic.partitions.map((partition, p) => ({ name: topic.name, partition, t, p })),
  )
  await forEachConcurrently(places, max, async ({ name, partition, t, p }) => {
    const found = await answer(name, partition)
    const topic = topics[t]
    if (topic !== undefined) topic.partitions[p] = found
  })
  return topics
}

/** One refusal for every partition of the request. */
export function refuseEachPartition<P extends { readonly partitionIndex: number }, A>(
  asked: readonly TopicOf<P>[],
  refusal: (partitionIndex: number) => A,
): AnswersOf<A>[] {
  return asked.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => refusal(partitionIndex)),
  }))
}
