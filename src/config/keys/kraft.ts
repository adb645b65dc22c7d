// Controller quorum and metadata log.

import { boolean, int, LONG_MAX, list, long, string } from '../config-key.js'

export const kraftKeys = [
  int('broker.heartbeat.interval.ms', 2000, 'How often a broker tells the controller that it lives.'),
  int('broker.session.timeout.ms', 9000, 'Silence after which the controller fences a broker.'),
  list(
    'controller.listener.names',
    null,
    'Listeners of the controller quorum; Millrace needs none and does not open them.',
    { emptyAllowed: false, applies: 'used' },
  ),
  long(
    'controller.performance.always.log.threshold.ms',
    2000,
    'Controller events slower than this are always logged.',
    { min: 0, internal: true },
  ),
  long('controller.performance.sample.period.ms', 60_000, 'How often controller timings are summed up.', {
    min: 100,
    internal: true,
  }),
  int('controller.quorum.append.linger.ms', 25, 'How long a quorum leader gathers writes.', { min: 0 }),
  boolean(
    'controller.quorum.auto.join.enable',
    false,
    'Whether a new controller joins the quorum by itself.',
  ),
  list('controller.quorum.bootstrap.servers', [], 'Addresses at which the controller quorum is found.'),
  int('controller.quorum.election.backoff.max.ms', 1000, 'Longest pause between quorum elections.', {
    min: 0,
  }),
  int('controller.quorum.election.timeout.ms', 1000, 'How long a quorum election may take.', { min: 0 }),
  int('controller.quorum.fetch.max.bytes', 1_048_576, 'Bytes a quorum follower asks for per fetch.', {
    min: 1,
  }),
  int(
    'controller.quorum.fetch.snapshot.max.bytes',
    1_048_576,
    'Bytes a quorum follower asks for per part of a snapshot.',
    { min: 1 },
  ),
  int(
    'controller.quorum.fetch.timeout.ms',
    2000,
    'Silence of the quorum leader after which an election starts.',
    { min: 0 },
  ),
  int('controller.quorum.request.timeout.ms', 2000, 'How long a request within the quorum may take.', {
    min: 0,
  }),
  int('controller.quorum.retry.backoff.ms', 20, 'Pause between attempts within the quorum.', { min: 0 }),
  list('controller.quorum.voters', [], 'Voters of a static controller quorum, as id@host:port.'),
  int('initial.broker.registration.timeout.ms', 60_000, 'How long a starting broker tries to register.'),
  long(
    'internal.metadata.delete.delay.millis',
    60_000,
    'Wait before files of the metadata log are removed from disk.',
    { internal: true },
  ),
  int('internal.metadata.log.segment.bytes', null, 'Segment size of the metadata log, for tests.', {
    internal: true,
  }),
  int('internal.metadata.max.batch.size.in.bytes', 8_388_608, 'Largest batch of metadata records.', {
    internal: true,
  }),
  string('metadata.log.dir', null, 'Directory of the metadata log; without it the first log directory.', {
    applies: 'used',
  }),
  long(
    'metadata.log.max.record.bytes.between.snapshots',
    20_971_520,
    'Bytes of metadata records after which a snapshot is written.',
    { min: 1, applies: 'used' },
  ),
  long(
    'metadata.log.max.snapshot.interval.ms',
    3_600_000,
    'Time after which a snapshot of the metadata is written.',
    { min: 0, applies: 'used' },
  ),
  int('metadata.log.segment.bytes', 1_073_741_824, 'Segment size of the metadata log.', { min: 8_388_608 }),
  long('metadata.log.segment.ms', 604_800_000, 'Age at which the metadata log starts a new segment.'),
  int('metadata.max.idle.interval.ms', 500, 'How often an idle controller writes a no-op record.', {
    min: 0,
  }),
  long(
    'metadata.max.retention.bytes',
    104_857_600,
    'Size of metadata log and snapshots past which old ones are deleted.',
  ),
  long(
    'metadata.max.retention.ms',
    604_800_000,
    'Age past which old metadata segments and snapshots are deleted.',
  ),
  int('node.id', 1, 'Id of this node.', { min: 0, kafkaDefault: null, applies: 'used' }),
  list('process.roles', null, 'Roles of this process; Millrace is broker and controller at once.', {
    listOf: ['broker', 'controller'],
    emptyAllowed: false,
  }),
  string('sasl.mechanism.controller.protocol', 'GSSAPI', 'SASL mechanism towards controllers.'),
  long('server.max.startup.time.ms', LONG_MAX, 'Longest time a start may take.', { min: 0, internal: true }),
]
