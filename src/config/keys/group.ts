// Group settings, each with the broker setting that gives its default.

import { boolean, type ConfigKey, type ConfigTypeName, int, string } from '../config-key.js'

export const groupKeys = [
  group(
    int(
      'consumer.session.timeout.ms',
      45_000,
      'Silence after which a member of the consumer group is removed.',
      { applies: 'used', min: 1, scope: 'cluster-wide' },
    ),
    'group.consumer.session.timeout.ms',
  ),
  group(
    int('consumer.heartbeat.interval.ms', 5000, 'Heartbeat interval told to members of the consumer group.', {
      applies: 'used',
      min: 1,
      scope: 'cluster-wide',
    }),
    'group.consumer.heartbeat.interval.ms',
  ),
  group(
    int(
      'consumer.assignment.interval.ms',
      1000,
      'Least time between two assignments of the consumer group.',
      { applies: 'used', min: 0, scope: 'cluster-wide' },
    ),
    'group.consumer.assignment.interval.ms',
  ),
  group(
    int('share.session.timeout.ms', 45_000, 'Silence after which a member of the share group is removed.', {
      min: 1,
      scope: 'cluster-wide',
    }),
    'group.share.session.timeout.ms',
  ),
  group(
    int('share.heartbeat.interval.ms', 5000, 'Heartbeat interval told to members of the share group.', {
      min: 1,
      scope: 'cluster-wide',
    }),
    'group.share.heartbeat.interval.ms',
  ),
  group(
    int(
      'share.record.lock.duration.ms',
      30_000,
      'How long a delivered record stays locked for its consumer.',
      { min: 1000, scope: 'cluster-wide' },
    ),
    'group.share.record.lock.duration.ms',
  ),
  group(
    int('share.delivery.count.limit', 5, 'Deliveries after which a record is given up.', {
      min: 2,
      scope: 'cluster-wide',
    }),
    'group.share.delivery.count.limit',
  ),
  group(
    int(
      'share.partition.max.record.locks',
      2000,
      'Most records of a share partition in delivery at a time.',
      { min: 100, scope: 'cluster-wide' },
    ),
    'group.share.partition.max.record.locks',
  ),
  group(
    string(
      'share.auto.offset.reset',
      'latest',
      'Where a share partition without state starts: earliest, latest or by_duration:<ISO 8601 duration>.',
      {
        oneOf: ['earliest', 'latest', 'by_duration:<ISO-8601 duration, non-negative>'],
        scope: 'cluster-wide',
      },
    ),
    null,
  ),
  group(
    string(
      'share.isolation.level',
      'read_uncommitted',
      'Whether the share group sees records of aborted transactions.',
      { oneOf: ['read_committed', 'read_uncommitted'], scope: 'cluster-wide' },
    ),
    null,
  ),
  group(
    boolean('share.renew.acknowledge.enable', true, 'Whether members may renew record locks.', {
      scope: 'cluster-wide',
    }),
    null,
  ),
  group(
    int('share.assignment.interval.ms', 1000, 'Least time between two assignments of the share group.', {
      min: 0,
      scope: 'cluster-wide',
    }),
    'group.share.assignment.interval.ms',
  ),
  group(
    int(
      'streams.session.timeout.ms',
      45_000,
      'Silence after which a member of the streams group is removed.',
      { min: 1, scope: 'cluster-wide' },
    ),
    'group.streams.session.timeout.ms',
  ),
  group(
    int('streams.heartbeat.interval.ms', 5000, 'Heartbeat interval told to members of the streams group.', {
      min: 1,
      scope: 'cluster-wide',
    }),
    'group.streams.heartbeat.interval.ms',
  ),
  group(
    int('streams.num.standby.replicas', 0, 'Standby replicas per stateful task.', {
      min: 0,
      scope: 'cluster-wide',
    }),
    'group.streams.num.standby.replicas',
  ),
  group(
    int(
      'streams.initial.rebalance.delay.ms',
      3000,
      'How long an empty streams group waits for more members before the first assignment.',
      { min: 0, scope: 'cluster-wide' },
    ),
    'group.streams.initial.rebalance.delay.ms',
  ),
  group(
    int('streams.assignment.interval.ms', 1000, 'Least time between two assignments of the streams group.', {
      min: 0,
      scope: 'cluster-wide',
    }),
    'group.streams.assignment.interval.ms',
  ),
]

function group<Name extends string, Type extends ConfigTypeName>(
  key: ConfigKey<Name, Type>,
  serverDefault: string | null,
) {
  return { ...key, serverDefault }
}
