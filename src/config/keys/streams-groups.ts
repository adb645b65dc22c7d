// Streams groups.

import { int } from '../config-key.js'

export const streamsGroupsKeys = [
  int(
    'group.streams.assignment.interval.ms',
    1000,
    'Least time between two assignments of a streams group.',
    { min: 0, scope: 'cluster-wide' },
  ),
  int('group.streams.heartbeat.interval.ms', 5000, 'Heartbeat interval told to members of streams groups.', {
    min: 1,
  }),
  int(
    'group.streams.initial.rebalance.delay.ms',
    3000,
    'How long an empty streams group waits for more members before the first assignment.',
    { min: 0 },
  ),
  int(
    'group.streams.max.assignment.interval.ms',
    15_000,
    'Largest assignment interval a streams group may set.',
    { min: 0 },
  ),
  int(
    'group.streams.max.heartbeat.interval.ms',
    15_000,
    'Largest heartbeat interval a streams group may set.',
    { min: 1 },
  ),
  int('group.streams.max.session.timeout.ms', 60_000, 'Largest session timeout a streams group may set.', {
    min: 1,
  }),
  int('group.streams.max.size', 2_147_483_647, 'Most members of a streams group.', { min: 1 }),
  int('group.streams.max.standby.replicas', 2, 'Most standby replicas a streams group may set.', { min: 0 }),
  int(
    'group.streams.min.assignment.interval.ms',
    0,
    'Smallest assignment interval a streams group may set.',
    { min: 0 },
  ),
  int(
    'group.streams.min.heartbeat.interval.ms',
    5000,
    'Smallest heartbeat interval a streams group may set.',
    { min: 1 },
  ),
  int('group.streams.min.session.timeout.ms', 45_000, 'Smallest session timeout a streams group may set.', {
    min: 1,
  }),
  int('group.streams.num.standby.replicas', 0, 'Standby replicas per stateful task.', { min: 0 }),
  int(
    'group.streams.session.timeout.ms',
    45_000,
    'Silence after which a member of a streams group is removed.',
    { min: 1 },
  ),
]
