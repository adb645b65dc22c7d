// The node as a whole.

import { boolean, int, list, long, string } from '../config-key.js'

export const serverKeys = [
  string('authorizer.class.name', '', 'Java class of the authorizer; empty allows everything.'),
  int('background.threads', 10, 'Threads for background work.', { min: 1, scope: 'cluster-wide' }),
  int('broker.id', -1, 'Older name of node.id; when both are set they must agree.', { applies: 'used' }),
  string('broker.rack', null, 'Rack of this broker, told to clients and used to spread replicas.', {
    applies: 'used',
  }),
  int(
    'compression.gzip.level',
    -1,
    "Level for batches the broker compresses with gzip; -1 is the library's default.",
    { min: 1, max: 9, or: [-1], scope: 'cluster-wide', applies: 'used' },
  ),
  int('compression.lz4.level', 9, 'Level for batches the broker compresses with lz4.', {
    min: 1,
    max: 17,
    scope: 'cluster-wide',
  }),
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
  int('compression.zstd.level', 3, 'Level for batches the broker compresses with zstd.', {
    min: -131_072,
    max: 22,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  list('config.providers', [], 'Names of Java classes that supply configuration values.', {
    emptyAllowed: true,
    scope: 'cluster-wide',
  }),
  boolean('controlled.shutdown.enable', true, 'Whether a stopping broker hands over its leaderships first.'),
  boolean('delete.topic.enable', true, 'Whether topics can be deleted.', { applies: 'used' }),
  list('early.start.listeners', null, 'Listeners opened before the broker is authorised.', {
    emptyAllowed: true,
  }),
  int('fetch.max.bytes', 57_671_680, 'Most bytes returned for one fetch.', { min: 1024, applies: 'used' }),
  int('max.incremental.fetch.session.cache.slots', 1000, 'Most incremental fetch sessions kept at a time.', {
    min: 0,
    applies: 'used',
  }),
  int(
    'max.request.partition.size.limit',
    2000,
    'Most partitions that one DescribeTopicPartitions reply lists.',
    { min: 1, applies: 'used' },
  ),
  int('message.max.bytes', 1_048_588, 'Largest record batch accepted, after compression.', {
    min: 0,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  int(
    'num.io.threads',
    8,
    'Request threads; Millrace decides on one thread and writes logs on millrace.log.threads.',
    { min: 1, scope: 'cluster-wide' },
  ),
  int('num.replica.alter.log.dirs.threads', null, 'Threads that move replicas between log directories.', {
    applies: 'used',
  }),
  int('request.timeout.ms', 30_000, 'How long the broker waits for replies to its own requests.'),
  long(
    'socket.connection.setup.timeout.max.ms',
    30_000,
    "Longest wait for the broker's own connections to be made.",
  ),
  long(
    'socket.connection.setup.timeout.ms',
    10_000,
    "First wait for the broker's own connections to be made.",
  ),
  boolean(
    'unstable.api.versions.enable',
    false,
    'Whether API versions still under development are offered.',
    { internal: true },
  ),
  boolean(
    'unstable.feature.versions.enable',
    false,
    'Whether feature versions still under development are offered.',
    { internal: true },
  ),
]
