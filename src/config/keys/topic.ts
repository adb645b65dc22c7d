// Topic settings, each with the broker settings that give its default, the first that is set winning.

import {
  boolean,
  type ConfigKey,
  type ConfigTypeName,
  double,
  int,
  LONG_MAX,
  list,
  long,
  string,
} from '../config-key.js'
import { HOUR_MS, MINUTE_MS } from '../units.js'

export interface ServerDefault {
  /** A broker key; its value times `unit` is the topic's. */
  readonly name: string
  readonly unit: number
}

export const topicKeys = [
  topic(
    int('segment.bytes', 1_073_741_824, 'Size at which a new segment is started.', {
      min: 1_048_576,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'log.segment.bytes', unit: 1 }],
  ),
  topic(
    long('segment.ms', 604_800_000, 'Age at which a new segment is started.', {
      min: 1,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [
      { name: 'log.roll.ms', unit: 1 },
      { name: 'log.roll.hours', unit: HOUR_MS },
    ],
  ),
  topic(
    long(
      'segment.jitter.ms',
      0,
      'Most time taken off segment.ms, so that segments do not all roll together.',
      { min: 0, scope: 'cluster-wide', applies: 'used' },
    ),
    [
      { name: 'log.roll.jitter.ms', unit: 1 },
      { name: 'log.roll.jitter.hours', unit: HOUR_MS },
    ],
  ),
  topic(
    int('segment.index.bytes', 10_485_760, 'Largest size of an offset or time index.', {
      min: 4,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'log.index.size.max.bytes', unit: 1 }],
  ),
  topic(
    long('flush.messages', LONG_MAX, 'Records after which the partition is synced to disk.', {
      min: 1,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'log.flush.interval.messages', unit: 1 }],
  ),
  topic(
    long('flush.ms', LONG_MAX, 'Time after which unsynced records are synced to disk.', {
      min: 0,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [
      { name: 'log.flush.interval.ms', unit: 1 },
      { name: 'log.flush.scheduler.interval.ms', unit: 1 },
    ],
  ),
  topic(
    long(
      'retention.bytes',
      -1,
      'Size of a partition past which its oldest segments are deleted; -1 for no limit.',
      { scope: 'cluster-wide', applies: 'used' },
    ),
    [{ name: 'log.retention.bytes', unit: 1 }],
  ),
  topic(
    long('retention.ms', 604_800_000, 'Age past which segments are deleted; -1 for no limit.', {
      min: -1,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [
      { name: 'log.retention.ms', unit: 1 },
      { name: 'log.retention.minutes', unit: MINUTE_MS },
      { name: 'log.retention.hours', unit: HOUR_MS },
    ],
  ),
  topic(
    int('max.message.bytes', 1_048_588, 'Largest record batch accepted, after compression.', {
      min: 0,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'message.max.bytes', unit: 1 }],
  ),
  topic(
    int('index.interval.bytes', 4096, 'Bytes of records between two entries of the offset index.', {
      min: 0,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'log.index.interval.bytes', unit: 1 }],
  ),
  topic(
    long('delete.retention.ms', 86_400_000, 'How long compaction keeps markers of deleted keys.', {
      min: 0,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'log.cleaner.delete.retention.ms', unit: 1 }],
  ),
  topic(
    long('min.compaction.lag.ms', 0, 'Time for which a record is safe from compaction.', {
      min: 0,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'log.cleaner.min.compaction.lag.ms', unit: 1 }],
  ),
  topic(
    long(
      'max.compaction.lag.ms',
      LONG_MAX,
      'Time after which a record must become eligible for compaction.',
      { min: 1, scope: 'cluster-wide', applies: 'used' },
    ),
    [{ name: 'log.cleaner.max.compaction.lag.ms', unit: 1 }],
  ),
  topic(
    long('file.delete.delay.ms', 60_000, "Wait between a segment's removal from the log and from the disk.", {
      min: 0,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'log.segment.delete.delay.ms', unit: 1 }],
  ),
  topic(
    double('min.cleanable.dirty.ratio', 0.5, 'Dirty part of a log from which it is compacted.', {
      min: 0,
      max: 1,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'log.cleaner.min.cleanable.ratio', unit: 1 }],
  ),
  topic(
    list(
      'cleanup.policy',
      ['delete'],
      'What happens to old segments: delete, compact, both or, when empty, neither.',
      { listOf: ['compact', 'delete'], emptyAllowed: true, scope: 'cluster-wide', applies: 'used' },
    ),
    [{ name: 'log.cleanup.policy', unit: 1 }],
  ),
  topic(
    boolean(
      'unclean.leader.election.enable',
      false,
      'Whether a replica that is not in sync may become leader, losing records.',
      { scope: 'cluster-wide' },
    ),
    [{ name: 'unclean.leader.election.enable', unit: 1 }],
  ),
  topic(
    int('min.insync.replicas', 1, 'Replicas that must be in sync for a write with acks=all to be accepted.', {
      min: 1,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'min.insync.replicas', unit: 1 }],
  ),
  topic(
    string(
      'compression.type',
      'producer',
      'Compression of stored batches; producer keeps what the producer chose.',
      {
        oneOf: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
        scope: 'cluster-wide',
        applies: 'used',
      },
    ),
    [{ name: 'compression.type', unit: 1 }],
  ),
  topic(
    int(
      'compression.gzip.level',
      -1,
      "Level for batches the broker compresses with gzip; -1 is the library's default.",
      { min: 1, max: 9, or: [-1], scope: 'cluster-wide', applies: 'used' },
    ),
    [{ name: 'compression.gzip.level', unit: 1 }],
  ),
  topic(
    int('compression.lz4.level', 9, 'Level for batches the broker compresses with lz4.', {
      min: 1,
      max: 17,
      scope: 'cluster-wide',
    }),
    [{ name: 'compression.lz4.level', unit: 1 }],
  ),
  topic(
    int('compression.zstd.level', 3, 'Level for batches the broker compresses with zstd.', {
      min: -131_072,
      max: 22,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [{ name: 'compression.zstd.level', unit: 1 }],
  ),
  topic(
    boolean('preallocate', false, 'Whether new segment files are allocated at full size.', {
      scope: 'cluster-wide',
    }),
    [{ name: 'log.preallocate', unit: 1 }],
  ),
  topic(
    string(
      'message.timestamp.type',
      'CreateTime',
      "Whether records keep the producer's time or get the time of the append.",
      { oneOf: ['CreateTime', 'LogAppendTime'], scope: 'cluster-wide', applies: 'used' },
    ),
    [{ name: 'log.message.timestamp.type', unit: 1 }],
  ),
  topic(
    long(
      'message.timestamp.before.max.ms',
      LONG_MAX,
      "How far a record's create time may lie behind the broker's clock.",
      { min: 0, scope: 'cluster-wide', applies: 'used' },
    ),
    [{ name: 'log.message.timestamp.before.max.ms', unit: 1 }],
  ),
  topic(
    long(
      'message.timestamp.after.max.ms',
      3_600_000,
      "How far a record's create time may lie ahead of the broker's clock.",
      { min: 0, scope: 'cluster-wide', applies: 'used' },
    ),
    [{ name: 'log.message.timestamp.after.max.ms', unit: 1 }],
  ),
  topic(
    list(
      'leader.replication.throttled.replicas',
      [],
      'Replicas whose replication is throttled on the leader, as partition:broker pairs or *.',
      { scope: 'cluster-wide' },
    ),
    [],
  ),
  topic(
    list(
      'follower.replication.throttled.replicas',
      [],
      'Replicas whose replication is throttled on the follower, as partition:broker pairs or *.',
      { scope: 'cluster-wide' },
    ),
    [],
  ),
  topic(
    boolean('remote.storage.enable', false, 'Whether the topic is tiered.', { scope: 'cluster-wide' }),
    [],
  ),
  topic(
    long('local.retention.ms', -2, 'Local age limit of a tiered topic; -2 follows retention.ms.', {
      min: -2,
      scope: 'cluster-wide',
    }),
    [{ name: 'log.local.retention.ms', unit: 1 }],
  ),
  topic(
    long('local.retention.bytes', -2, 'Local size limit of a tiered topic; -2 follows retention.bytes.', {
      min: -2,
      scope: 'cluster-wide',
    }),
    [{ name: 'log.local.retention.bytes', unit: 1 }],
  ),
  topic(
    boolean('remote.log.copy.disable', false, 'Whether no more segments are copied to tiered storage.', {
      scope: 'cluster-wide',
    }),
    [],
  ),
  topic(
    boolean(
      'remote.log.delete.on.disable',
      false,
      'Whether turning tiering off deletes the tiered segments.',
      { scope: 'cluster-wide' },
    ),
    [],
  ),
  topic(
    int('internal.segment.bytes', null, 'Segment size below the smallest segment.bytes, for tests.', {
      internal: true,
      scope: 'cluster-wide',
      applies: 'used',
    }),
    [],
  ),
]

function topic<Name extends string, Type extends ConfigTypeName>(
  key: ConfigKey<Name, Type>,
  serverDefaults: readonly ServerDefault[],
) {
  return { ...key, serverDefaults }
}
