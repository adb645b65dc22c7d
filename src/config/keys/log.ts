// Partition logs: segments, retention, flushing. Most are defaults of topic settings.

import { boolean, int, javaClass, LONG_MAX, list, long, string } from '../config-key.js'

export const logKeys = [
  javaClass('alter.config.policy.class.name', null, 'Java class that may refuse configuration changes.'),
  boolean('auto.create.topics.enable', true, 'Whether asking for an unknown topic creates it.', {
    applies: 'used',
  }),
  list('cordoned.log.dirs', [], 'Log directories that get no new partitions.', {
    emptyAllowed: true,
    scope: 'per-broker',
    applies: 'used',
  }),
  javaClass('create.topic.policy.class.name', null, 'Java class that may refuse new topics.'),
  list(
    'log.cleanup.policy',
    ['delete'],
    'What happens to old segments: delete, compact, both or, when empty, neither.',
    { listOf: ['compact', 'delete'], emptyAllowed: true, scope: 'cluster-wide', applies: 'used' },
  ),
  list('log.dir', './data', 'The log directory, used when log.dirs is not set.', {
    emptyAllowed: false,
    kafkaDefault: ['/tmp/kafka-logs'],
    applies: 'used',
  }),
  long(
    'log.dir.failure.timeout.ms',
    30_000,
    'How long a broker that lost a log directory waits to tell the controller before it stops.',
    { min: 1 },
  ),
  list(
    'log.dirs',
    null,
    'Directories for the partition logs; relative ones start at the working directory.',
    { emptyAllowed: false, applies: 'used' },
  ),
  long('log.flush.interval.messages', LONG_MAX, 'Records after which a partition is synced to disk.', {
    min: 1,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  long(
    'log.flush.interval.ms',
    null,
    'Time after which a partition with unsynced records is synced to disk.',
    { scope: 'cluster-wide', applies: 'used' },
  ),
  int(
    'log.flush.offset.checkpoint.interval.ms',
    60_000,
    'How often the offsets up to which logs are synced are written down.',
    { min: 0, applies: 'used' },
  ),
  long(
    'log.flush.scheduler.interval.ms',
    LONG_MAX,
    'How often partitions are looked over for a time-based sync.',
    { applies: 'used' },
  ),
  int(
    'log.flush.start.offset.checkpoint.interval.ms',
    60_000,
    'How often log start offsets are written down.',
    { min: 0, applies: 'used' },
  ),
  int('log.index.interval.bytes', 4096, 'Bytes of records between two entries of the offset index.', {
    min: 0,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  int('log.index.size.max.bytes', 10_485_760, 'Largest size of an offset or time index.', {
    min: 4,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  long('log.initial.task.delay.ms', 30_000, 'Wait after start before retention and checkpoints begin.', {
    min: 0,
    internal: true,
  }),
  long(
    'log.message.timestamp.after.max.ms',
    3_600_000,
    "How far a record's create time may lie ahead of the broker's clock.",
    { min: 0, scope: 'cluster-wide', applies: 'used' },
  ),
  long(
    'log.message.timestamp.before.max.ms',
    LONG_MAX,
    "How far a record's create time may lie behind the broker's clock.",
    { min: 0, scope: 'cluster-wide', applies: 'used' },
  ),
  string(
    'log.message.timestamp.type',
    'CreateTime',
    "Whether records keep the producer's time or get the time of the append.",
    { oneOf: ['CreateTime', 'LogAppendTime'], scope: 'cluster-wide', applies: 'used' },
  ),
  boolean('log.preallocate', false, 'Whether new segment files are allocated at full size.', {
    scope: 'cluster-wide',
  }),
  long(
    'log.retention.bytes',
    -1,
    'Size past which the oldest segments of a partition are deleted; -1 for no limit.',
    { scope: 'cluster-wide', applies: 'used' },
  ),
  long('log.retention.check.interval.ms', 300_000, 'How often retention is applied.', {
    min: 1,
    applies: 'used',
  }),
  int(
    'log.retention.hours',
    168,
    'Age in hours past which segments are deleted; minutes and ms take precedence.',
    { applies: 'used' },
  ),
  int('log.retention.minutes', null, 'Age in minutes past which segments are deleted; ms takes precedence.', {
    applies: 'used',
  }),
  long('log.retention.ms', null, 'Age past which segments are deleted; -1 for no limit.', {
    scope: 'cluster-wide',
    applies: 'used',
  }),
  int(
    'log.roll.hours',
    168,
    'Age in hours at which a new segment is started; log.roll.ms takes precedence.',
    { min: 1, applies: 'used' },
  ),
  int(
    'log.roll.jitter.hours',
    0,
    'Most hours taken off the age at which segments roll; log.roll.jitter.ms takes precedence.',
    { min: 0, applies: 'used' },
  ),
  long(
    'log.roll.jitter.ms',
    null,
    'Most time taken off the age at which segments roll, so that they do not all roll together.',
    { scope: 'cluster-wide', applies: 'used' },
  ),
  long('log.roll.ms', null, 'Age at which a new segment is started.', {
    scope: 'cluster-wide',
    applies: 'used',
  }),
  int('log.segment.bytes', 1_073_741_824, 'Size at which a new segment is started.', {
    min: 1_048_576,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  long(
    'log.segment.delete.delay.ms',
    60_000,
    "Wait between a segment's removal from the log and from the disk.",
    { min: 0, scope: 'cluster-wide', applies: 'used' },
  ),
  int('min.insync.replicas', 1, 'Replicas that must be in sync for a write with acks=all to be accepted.', {
    min: 1,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  int('num.partitions', 1, 'Partitions of topics created without a count.', { min: 1, applies: 'used' }),
  int('num.recovery.threads.per.data.dir', 2, 'Logs of one directory opened or recovered at the same time.', {
    min: 1,
    scope: 'cluster-wide',
    applies: 'used',
  }),
]
