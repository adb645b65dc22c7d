// Compaction.

import { boolean, double, int, LONG_MAX, long } from '../config-key.js'

export const logCleanerKeys = [
  long('log.cleaner.backoff.ms', 15_000, 'Pause of the cleaner when no log needs cleaning.', {
    min: 0,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  long('log.cleaner.dedupe.buffer.size', 134_217_728, "Memory for the cleaner's table of keys.", {
    scope: 'cluster-wide',
    applies: 'used',
  }),
  long(
    'log.cleaner.delete.retention.ms',
    86_400_000,
    'How long a compacted topic keeps markers of deleted keys.',
    { min: 0, scope: 'cluster-wide', applies: 'used' },
  ),
  boolean('log.cleaner.enable', true, 'Whether compacted topics are cleaned.', { applies: 'used' }),
  double('log.cleaner.io.buffer.load.factor', 0.9, "How full the cleaner's table of keys may get.", {
    scope: 'cluster-wide',
    applies: 'used',
  }),
  int('log.cleaner.io.buffer.size', 524_288, "Memory for the cleaner's reads and writes.", {
    min: 0,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  double(
    'log.cleaner.io.max.bytes.per.second',
    '1.7976931348623157E308',
    'Most bytes per second that the cleaner reads and writes.',
    { scope: 'cluster-wide', applies: 'used' },
  ),
  long(
    'log.cleaner.max.compaction.lag.ms',
    LONG_MAX,
    'Time after which a record of a compacted topic must become eligible for cleaning.',
    { min: 1, scope: 'cluster-wide', applies: 'used' },
  ),
  double('log.cleaner.min.cleanable.ratio', 0.5, 'Dirty part of a log from which it is cleaned.', {
    min: 0,
    max: 1,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  long(
    'log.cleaner.min.compaction.lag.ms',
    0,
    'Time for which a record of a compacted topic is kept as it is.',
    { min: 0, scope: 'cluster-wide', applies: 'used' },
  ),
  int('log.cleaner.threads', 1, 'Threads that clean logs.', {
    min: 0,
    scope: 'cluster-wide',
    applies: 'used',
  }),
]
