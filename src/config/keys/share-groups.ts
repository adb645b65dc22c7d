// Share groups and their coordinator.

import { int, list, short, string } from '../config-key.js'

export const shareGroupsKeys = [
  int('group.share.assignment.interval.ms', 1000, 'Least time between two assignments of a share group.', {
    min: 0,
    scope: 'cluster-wide',
  }),
  list('group.share.assignors', ['simple'], 'The server-side assignor of share groups.', {
    emptyAllowed: false,
  }),
  int(
    'group.share.delivery.count.limit',
    5,
    'Deliveries after which a record of a share group is given up.',
    { min: 2, max: 10 },
  ),
  int('group.share.heartbeat.interval.ms', 5000, 'Heartbeat interval told to members of share groups.', {
    min: 1,
  }),
  int(
    'group.share.initialize.retry.interval.ms',
    30_000,
    'Pause between attempts to initialise a share partition.',
    { min: 1, internal: true },
  ),
  int(
    'group.share.max.assignment.interval.ms',
    15_000,
    'Largest assignment interval a share group may set.',
    { min: 0 },
  ),
  int('group.share.max.delivery.count.limit', 10, 'Largest delivery limit a share group may set.', {
    min: 5,
    max: 25,
  }),
  int('group.share.max.heartbeat.interval.ms', 15_000, 'Largest heartbeat interval a share group may set.', {
    min: 1,
  }),
  int(
    'group.share.max.partition.max.record.locks',
    4000,
    'Largest limit of locked records a share group may set.',
    { min: 2000, max: 10_000 },
  ),
  int('group.share.max.record.lock.duration.ms', 60_000, 'Longest record lock a share group may set.', {
    min: 30_000,
    max: 3_600_000,
  }),
  int('group.share.max.session.timeout.ms', 60_000, 'Largest session timeout a share group may set.', {
    min: 1,
  }),
  int('group.share.max.share.sessions', 2000, 'Most share sessions kept at a time.', { min: 1 }),
  int('group.share.max.size', 200, 'Most members of a share group.', { min: 1, max: 1000 }),
  int('group.share.min.assignment.interval.ms', 0, 'Smallest assignment interval a share group may set.', {
    min: 0,
  }),
  int('group.share.min.delivery.count.limit', 2, 'Smallest delivery limit a share group may set.', {
    min: 2,
    max: 5,
  }),
  int('group.share.min.heartbeat.interval.ms', 5000, 'Smallest heartbeat interval a share group may set.', {
    min: 1,
  }),
  int(
    'group.share.min.partition.max.record.locks',
    100,
    'Smallest limit of locked records a share group may set.',
    { min: 100, max: 2000 },
  ),
  int('group.share.min.record.lock.duration.ms', 15_000, 'Shortest record lock a share group may set.', {
    min: 1000,
    max: 30_000,
  }),
  int('group.share.min.session.timeout.ms', 45_000, 'Smallest session timeout a share group may set.', {
    min: 1,
  }),
  int(
    'group.share.partition.max.record.locks',
    2000,
    'Most records of a share partition in delivery at a time.',
    { min: 100, max: 10_000 },
  ),
  string(
    'group.share.persister.class.name',
    'org.apache.kafka.server.share.persister.DefaultStatePersister',
    'Java class that keeps the state of share groups.',
    { internal: true },
  ),
  int(
    'group.share.record.lock.duration.ms',
    30_000,
    'How long a delivered record stays locked for its consumer.',
    { min: 1000, max: 3_600_000 },
  ),
  int('group.share.session.timeout.ms', 45_000, 'Silence after which a member of a share group is removed.', {
    min: 1,
  }),
  int(
    'share.coordinator.append.linger.ms',
    -1,
    'How long the share coordinator gathers writes; -1 lets it adapt.',
    { min: -1 },
  ),
  int(
    'share.coordinator.cached.buffer.max.bytes',
    1_048_588,
    'Largest write buffer the share coordinator keeps for reuse.',
    { min: 524_288, scope: 'cluster-wide' },
  ),
  int(
    'share.coordinator.cold.partition.snapshot.interval.ms',
    300_000,
    'How often share partitions without traffic are snapshotted.',
    { min: 1, internal: true },
  ),
  int('share.coordinator.load.buffer.size', 5_242_880, 'Bytes read at a time while loading share state.', {
    min: 1,
  }),
  int(
    'share.coordinator.snapshot.update.records.per.snapshot',
    500,
    'Updates of a share partition between two snapshots.',
    { min: 0, max: 500 },
  ),
  int(
    'share.coordinator.state.topic.compression.codec',
    0,
    'Compression of the share state topic, by its wire number.',
  ),
  short('share.coordinator.state.topic.min.isr', 1, 'In-sync replicas that the share state topic needs.', {
    min: 1,
    kafkaDefault: 2,
  }),
  int('share.coordinator.state.topic.num.partitions', 50, 'Partitions of the share state topic.', {
    min: 1,
    applies: 'used',
  }),
  int(
    'share.coordinator.state.topic.prune.interval.ms',
    300_000,
    'How often old records of the share state topic are removed.',
    { min: 1, internal: true },
  ),
  short('share.coordinator.state.topic.replication.factor', 1, 'Replicas of the share state topic.', {
    min: 1,
    kafkaDefault: 3,
  }),
  int('share.coordinator.state.topic.segment.bytes', 104_857_600, 'Segment size of the share state topic.', {
    min: 1,
    applies: 'used',
  }),
  int('share.coordinator.threads', 1, 'Threads of the share coordinator.', { min: 1 }),
  int('share.coordinator.write.timeout.ms', 5000, 'How long a write of the share coordinator may take.', {
    min: 1,
  }),
  int('share.fetch.purgatory.purge.interval.requests', 1000, 'Cleaning interval of waiting share fetches.'),
]
