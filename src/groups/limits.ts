/**
 * Members of one group that were given an id and have not joined with it. Kafka has no bound; each takes about 500
 * bytes until its session timeout (at most 30 minutes), so an unbounded set would let one client take the heap.
 */
export const PENDING_MEMBERS_MAX = 10_000

/** The same in all groups of a shard, so that many groups are no way around it. */
export const PENDING_MEMBERS_PER_SHARD_MAX = 50_000

/**
 * Members of one group, whatever group.max.size and group.consumer.max.size say: an assignment is computed in one
 * step, and more members than a cluster has partitions to give are nobody's intention. GROUP_MAX_SIZE_REACHED.
 */
export const MEMBERS_PER_GROUP_MAX = 10_000

/** Members of all groups of a shard, at about a kilobyte each. GROUP_MAX_SIZE_REACHED. */
export const MEMBERS_PER_SHARD_MAX = 100_000

/**
 * What the members of a shard subscribe to, in bytes as sent: sixteen times what one group's record can hold. Past it
 * members that bring more are refused with COORDINATOR_NOT_AVAILABLE, which clients try again.
 */
export const SUBSCRIPTION_BYTES_PER_SHARD_MAX = 16 * 1024 * 1024

/** Groups of one shard; past it a new group is refused with COORDINATOR_NOT_AVAILABLE, known ones are served on. */
export const GROUPS_PER_SHARD_MAX = 100_000

/** Distinct protocols one member may offer; clients offer one to four. */
export const MEMBER_PROTOCOLS_MAX = 1_000

/** Groups looked at in one step of offset expiry, so that a large shard does not hold up its clients. */
export const EXPIRY_GROUPS_PER_STEP = 1_000

/**
 * Key and value of one record: what still fits a batch of the default max.message.bytes. Only a group's metadata can
 * come near it (all members with their subscriptions and assignments); such a group cannot be stored.
 */
export const RECORD_BYTES_MAX = 1_000_000

/**
 * What one member of a consumer group subscribes to: names of topics, or what it sent as a classic member. It is kept
 * in one record and in memory for as long as the member lives; a thousand topics take some twenty thousand bytes.
 */
export const SUBSCRIPTION_BYTES_MAX = 500_000

/**
 * Client id or instance id of a joining member. Member ids are made from them, travel in every reply to a leader and
 * lie in every record of the group, and must stay well below the longest string the protocol can carry. Kafka's own
 * clients write less than 250 bytes.
 */
export const MEMBER_NAME_BYTES_MAX = 1_024

/** Characters of a group id that an error message repeats. */
export const QUOTED_GROUP_ID_MAX = 249
