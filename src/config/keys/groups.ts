// Classic groups, consumer groups and committed offsets.

import { int, list, long, short, string } from '../config-key.js'

export const groupsKeys = [
  int(
    'group.consumer.assignment.interval.ms',
    1000,
    'Least time between two assignments of a consumer group.',
    { applies: 'used', min: 0, scope: 'cluster-wide' },
  ),
  list(
    'group.consumer.assignors',
    ['uniform', 'range'],
    'Server-side assignors offered to consumer groups; the first is the default.',
    { applies: 'used', emptyAllowed: false },
  ),
  int(
    'group.consumer.heartbeat.interval.ms',
    5000,
    'Heartbeat interval told to members of consumer groups.',
    { applies: 'used', min: 1 },
  ),
  int(
    'group.consumer.max.assignment.interval.ms',
    15_000,
    'Largest assignment interval a consumer group may set.',
    { applies: 'used', min: 0 },
  ),
  int(
    'group.consumer.max.heartbeat.interval.ms',
    15_000,
    'Largest heartbeat interval a consumer group may set.',
    { applies: 'used', min: 1 },
  ),
  int('group.consumer.max.session.timeout.ms', 60_000, 'Largest session timeout a consumer group may set.', {
    applies: 'used',
    min: 1,
  }),
  int('group.consumer.max.size', 2_147_483_647, 'Most members of a consumer group.', {
    applies: 'used',
    min: 1,
  }),
  string(
    'group.consumer.migration.policy',
    'bidirectional',
    'Whether classic groups turn into consumer groups and back as members come and go.',
    { applies: 'used', oneOf: ['bidirectional', 'upgrade', 'downgrade', 'disabled'], caseInsensitive: true },
  ),
  int(
    'group.consumer.min.assignment.interval.ms',
    0,
    'Smallest assignment interval a consumer group may set.',
    { applies: 'used', min: 0 },
  ),
  int(
    'group.consumer.min.heartbeat.interval.ms',
    5000,
    'Smallest heartbeat interval a consumer group may set.',
    { applies: 'used', min: 1 },
  ),
  int('group.consumer.min.session.timeout.ms', 45_000, 'Smallest session timeout a consumer group may set.', {
    applies: 'used',
    min: 1,
  }),
  int(
    'group.consumer.regex.refresh.interval.ms',
    600_000,
    'How often subscribed patterns are matched against topics again.',
    { applies: 'used', min: 10_000, internal: true },
  ),
  int(
    'group.consumer.session.timeout.ms',
    45_000,
    'Silence after which a member of a consumer group is removed.',
    { applies: 'used', min: 1 },
  ),
  int(
    'group.coordinator.append.linger.ms',
    -1,
    'How long the group coordinator gathers writes; -1 lets it adapt.',
    { min: -1 },
  ),
  int('group.coordinator.background.threads', 2, "Threads for the group coordinator's background work.", {
    min: 1,
  }),
  int(
    'group.coordinator.cached.buffer.max.bytes',
    1_048_588,
    'Largest write buffer the group coordinator keeps for reuse.',
    { min: 524_288, scope: 'cluster-wide' },
  ),
  list(
    'group.coordinator.rebalance.protocols',
    ['classic', 'consumer', 'streams'],
    'Rebalance protocols that are offered.',
    { applies: 'used', listOf: ['classic', 'consumer', 'streams'], emptyAllowed: false },
  ),
  int(
    'group.coordinator.threads',
    4,
    'Threads of the group coordinator; Millrace coordinates on its one deciding thread.',
    { min: 1 },
  ),
  int(
    'group.initial.rebalance.delay.ms',
    3000,
    'How long an empty classic group waits for more members before the first rebalance.',
    { applies: 'used' },
  ),
  int('group.max.session.timeout.ms', 1_800_000, 'Largest session timeout of a classic member.', {
    applies: 'used',
  }),
  int('group.max.size', 2_147_483_647, 'Most members of a classic group.', { min: 1, applies: 'used' }),
  int('group.min.session.timeout.ms', 6000, 'Smallest session timeout of a classic member.', {
    applies: 'used',
  }),
  int('offset.metadata.max.bytes', 4096, 'Largest text kept with a committed offset.', { applies: 'used' }),
  int('offsets.commit.timeout.ms', 5000, 'How long a write of the group coordinator may take.', {
    min: 1,
    applies: 'used',
  }),
  int('offsets.load.buffer.size', 5_242_880, 'Bytes read at a time while loading committed offsets.', {
    min: 1,
  }),
  long(
    'offsets.retention.check.interval.ms',
    600_000,
    'How often expired committed offsets are looked for.',
    { min: 1, applies: 'used' },
  ),
  int('offsets.retention.minutes', 10_080, 'Minutes that offsets of an empty group are kept.', {
    min: 1,
    applies: 'used',
  }),
  int('offsets.topic.compression.codec', 0, 'Compression of the offsets topic, by its wire number.', {
    applies: 'used',
  }),
  int('offsets.topic.num.partitions', 50, 'Partitions of the offsets topic.', { min: 1, applies: 'used' }),
  short('offsets.topic.replication.factor', 1, 'Replicas of the offsets topic.', { min: 1, kafkaDefault: 3 }),
  int('offsets.topic.segment.bytes', 104_857_600, 'Segment size of the offsets topic.', {
    min: 1,
    applies: 'used',
  }),
]
