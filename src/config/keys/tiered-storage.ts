// Tiered storage, which Millrace does not have; the keys are accepted so that files stay valid.

import { boolean, double, int, LONG_MAX, long, string } from '../config-key.js'

export const tieredStorageKeys = [
  long(
    'log.local.retention.bytes',
    -2,
    'Local size limit of tiered partitions; -2 follows the retention size.',
    { min: -2, scope: 'cluster-wide' },
  ),
  long('log.local.retention.ms', -2, 'Local age limit of tiered partitions; -2 follows the retention time.', {
    min: -2,
    scope: 'cluster-wide',
  }),
  int('remote.fetch.max.wait.ms', 500, 'Longest wait for a read from tiered storage.', {
    min: 1,
    scope: 'cluster-wide',
  }),
  long(
    'remote.list.offsets.request.timeout.ms',
    30_000,
    'Longest wait for an offset lookup in tiered storage.',
    { min: 1, scope: 'cluster-wide' },
  ),
  long(
    'remote.log.index.file.cache.total.size.bytes',
    1_073_741_824,
    'Disk space for indexes of tiered segments.',
    { min: 1, scope: 'cluster-wide' },
  ),
  long(
    'remote.log.index.file.cache.ttl.ms',
    900_000,
    'How long an unused index of a tiered segment is kept.',
    { min: -1, internal: true },
  ),
  int('remote.log.manager.copier.thread.pool.size', 10, 'Threads that copy segments to tiered storage.', {
    min: 1,
    scope: 'cluster-wide',
  }),
  long(
    'remote.log.manager.copy.max.bytes.per.second',
    LONG_MAX,
    'Most bytes per second copied to tiered storage.',
    { min: 1, scope: 'cluster-wide' },
  ),
  int(
    'remote.log.manager.copy.quota.window.num',
    11,
    'Samples kept for the quota on copies to tiered storage.',
    { min: 1 },
  ),
  int(
    'remote.log.manager.copy.quota.window.size.seconds',
    1,
    'Length of a sample for the quota on copies to tiered storage.',
    { min: 1 },
  ),
  int('remote.log.manager.expiration.thread.pool.size', 10, 'Threads that delete expired tiered segments.', {
    min: 1,
    scope: 'cluster-wide',
  }),
  long(
    'remote.log.manager.fetch.max.bytes.per.second',
    LONG_MAX,
    'Most bytes per second read from tiered storage.',
    { min: 1, scope: 'cluster-wide' },
  ),
  int(
    'remote.log.manager.fetch.quota.window.num',
    11,
    'Samples kept for the quota on reads from tiered storage.',
    { min: 1 },
  ),
  int(
    'remote.log.manager.fetch.quota.window.size.seconds',
    1,
    'Length of a sample for the quota on reads from tiered storage.',
    { min: 1 },
  ),
  int('remote.log.manager.follower.thread.pool.size', 2, 'Threads for followers of tiered partitions.', {
    min: 1,
    scope: 'cluster-wide',
  }),
  long('remote.log.manager.task.interval.ms', 30_000, 'How often tiered storage work is looked for.', {
    min: 1,
  }),
  long(
    'remote.log.manager.task.retry.backoff.max.ms',
    30_000,
    'Longest pause between attempts of tiered storage work.',
    { min: 1, internal: true },
  ),
  long(
    'remote.log.manager.task.retry.backoff.ms',
    500,
    'First pause between attempts of tiered storage work.',
    { min: 1, internal: true },
  ),
  double(
    'remote.log.manager.task.retry.jitter',
    0.2,
    'Random part of the pause between attempts of tiered storage work.',
    { min: 0, max: 0.5, internal: true },
  ),
  int('remote.log.manager.thread.pool.size', 2, 'Threads that schedule tiered storage work.', { min: 1 }),
  int('remote.log.metadata.custom.metadata.max.bytes', 128, 'Largest custom metadata of a tiered segment.', {
    min: 0,
  }),
  string(
    'remote.log.metadata.manager.class.name',
    'org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager',
    'Java class that keeps metadata of tiered segments.',
    { nonEmptyString: true },
  ),
  string('remote.log.metadata.manager.class.path', null, 'Class path of the tiered metadata class.'),
  string(
    'remote.log.metadata.manager.impl.prefix',
    'rlmm.config.',
    'Prefix of properties for the tiered metadata class.',
    { nonEmptyString: true },
  ),
  string(
    'remote.log.metadata.manager.listener.name',
    null,
    'Listener that the tiered metadata class connects to.',
    { nonEmptyString: true },
  ),
  int('remote.log.reader.max.pending.tasks', 100, 'Most reads from tiered storage that wait.', { min: 1 }),
  int('remote.log.reader.threads', 10, 'Threads that read from tiered storage.', {
    min: 1,
    scope: 'cluster-wide',
  }),
  string('remote.log.storage.manager.class.name', null, 'Java class that stores tiered segments.', {
    nonEmptyString: true,
  }),
  string('remote.log.storage.manager.class.path', null, 'Class path of the tiered storage class.'),
  string(
    'remote.log.storage.manager.impl.prefix',
    'rsm.config.',
    'Prefix of properties for the tiered storage class.',
    { nonEmptyString: true },
  ),
  boolean('remote.log.storage.system.enable', false, 'Whether tiered storage is on.'),
]
