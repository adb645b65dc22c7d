// Replicas and leaders.

import { boolean, int, LONG_MAX, long, string } from '../config-key.js'

export const replicationKeys = [
  boolean(
    'auto.leader.rebalance.enable',
    true,
    'Whether leadership is moved back to preferred replicas by itself.',
  ),
  int('controller.socket.timeout.ms', 30_000, 'How long a request to the controller may take.'),
  int('default.replication.factor', 1, 'Replicas of topics created without a count.', { applies: 'used' }),
  int(
    'delete.records.purgatory.purge.interval.requests',
    1,
    'Cleaning interval of waiting DeleteRecords requests.',
  ),
  int('fetch.purgatory.purge.interval.requests', 1000, 'Cleaning interval of waiting Fetch requests.'),
  boolean(
    'follower.fetch.last.tiered.offset.enable',
    false,
    'Whether an empty follower starts at the last tiered offset.',
    { scope: 'cluster-wide' },
  ),
  string('inter.broker.listener.name', null, 'Listener that brokers use between themselves.'),
  long('leader.imbalance.check.interval.seconds', 300, 'How often leader imbalance is looked for.', {
    min: 1,
  }),
  int('num.replica.fetchers', 1, 'Fetching threads per source broker.', { min: 1, scope: 'cluster-wide' }),
  int('producer.purgatory.purge.interval.requests', 1000, 'Cleaning interval of waiting Produce requests.'),
  int('replica.fetch.backoff.ms', 1000, 'Pause after a failed fetch from a leader.', { min: 0 }),
  int('replica.fetch.max.bytes', 1_048_576, 'Bytes a follower asks for per partition.', { min: 0 }),
  int('replica.fetch.min.bytes', 1, "Bytes a follower's fetch waits for."),
  int('replica.fetch.response.max.bytes', 10_485_760, 'Bytes a follower asks for per fetch.', { min: 0 }),
  int('replica.fetch.wait.max.ms', 500, "Longest wait of a follower's fetch."),
  long('replica.high.watermark.checkpoint.interval.ms', 5000, 'How often high watermarks are written down.', {
    applies: 'used',
  }),
  long(
    'replica.lag.time.max.ms',
    30_000,
    'How long a follower may be behind before it leaves the in-sync set.',
  ),
  string('replica.selector.class', null, 'Java class that chooses the replica a consumer reads from.'),
  int('replica.socket.receive.buffer.bytes', 65_536, "Receive buffer of a follower's socket."),
  int('replica.socket.timeout.ms', 30_000, "How long a follower's request may take."),
  string('security.inter.broker.protocol', 'PLAINTEXT', 'Security protocol between brokers.', {
    oneOf: ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'],
  }),
  boolean(
    'unclean.leader.election.enable',
    false,
    'Whether a replica that is not in sync may become leader, losing records.',
    { scope: 'cluster-wide' },
  ),
  long('unclean.leader.election.interval.ms', 300_000, 'How often unclean elections are considered.', {
    min: 1,
    internal: true,
  }),
  long(
    'leader.replication.throttled.rate',
    LONG_MAX,
    'Most bytes per second that a leader sends for throttled replicas.',
    { min: 0, scope: 'cluster-wide', dynamicOnly: true },
  ),
  long(
    'follower.replication.throttled.rate',
    LONG_MAX,
    'Most bytes per second that a follower fetches for throttled replicas.',
    { min: 0, scope: 'cluster-wide', dynamicOnly: true },
  ),
  long(
    'replica.alter.log.dirs.io.max.bytes.per.second',
    LONG_MAX,
    'Most bytes per second for moves between log directories.',
    { min: 0, scope: 'cluster-wide', dynamicOnly: true, applies: 'used' },
  ),
]
