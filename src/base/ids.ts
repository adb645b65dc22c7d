// Branded numbers and strings, so that an offset cannot be passed where an epoch is meant. They cost nothing at
// run time; make one with a cast at the place where the value is decoded or drawn.

export type Brand<T, Unit extends string> = T & { readonly unit: Unit }

export type Offset = Brand<number, 'offset'>
export type LeaderEpoch = Brand<number, 'leader-epoch'>
export type ProducerId = Brand<number, 'producer-id'>
/** 22 characters of base64url, as Kafka prints a Uuid. */
export type TopicId = Brand<string, 'topic-id'>
