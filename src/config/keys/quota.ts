// Windows in which quotas are measured.

import { int, javaClass } from '../config-key.js'

export const quotaKeys = [
  int(
    'alter.log.dirs.replication.quota.window.num',
    11,
    'Samples kept for the quota on moves between log directories.',
    { min: 1 },
  ),
  int(
    'alter.log.dirs.replication.quota.window.size.seconds',
    1,
    'Length of a sample for the quota on moves between log directories.',
    { min: 1 },
  ),
  javaClass('client.quota.callback.class', null, 'Java class that decides client quotas.'),
  int('controller.quota.window.num', 11, 'Samples kept for the quota on topic and partition changes.', {
    min: 1,
  }),
  int(
    'controller.quota.window.size.seconds',
    1,
    'Length of a sample for the quota on topic and partition changes.',
    { min: 1 },
  ),
  int('quota.window.num', 11, 'Samples kept for client quotas.', { min: 1 }),
  int('quota.window.size.seconds', 1, 'Length of a sample for client quotas.', { min: 1 }),
  int('replication.quota.window.num', 11, 'Samples kept for replication quotas.', { min: 1 }),
  int('replication.quota.window.size.seconds', 1, 'Length of a sample for replication quotas.', { min: 1 }),
]
