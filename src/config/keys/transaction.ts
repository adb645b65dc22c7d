// Transactions and producer ids.

import { boolean, int, short } from '../config-key.js'

export const transactionKeys = [
  int(
    'add.partitions.to.txn.retry.backoff.max.ms',
    100,
    'Longest wait between server-side retries of adding a partition to a transaction.',
    { min: 0 },
  ),
  int(
    'add.partitions.to.txn.retry.backoff.ms',
    20,
    'First wait before a server-side retry of adding a partition to a transaction.',
    { min: 1 },
  ),
  int('producer.id.expiration.check.interval.ms', 600_000, 'How often idle producer ids are looked for.', {
    min: 1,
    internal: true,
    applies: 'used',
  }),
  int(
    'producer.id.expiration.ms',
    86_400_000,
    'Idle time after which the state of a producer id is forgotten.',
    { min: 1, scope: 'cluster-wide', applies: 'used' },
  ),
  int(
    'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    10_000,
    'How often transactions that outlived their timeout are looked for and aborted.',
    { min: 1, applies: 'used' },
  ),
  int('transaction.max.timeout.ms', 900_000, 'Longest transaction timeout that a producer may ask for.', {
    min: 1,
    applies: 'used',
  }),
  boolean(
    'transaction.partition.verification.enable',
    true,
    'Whether a transactional write is checked against the coordinator first.',
    { scope: 'cluster-wide', applies: 'used' },
  ),
  int(
    'transaction.remove.expired.transaction.cleanup.interval.ms',
    3_600_000,
    'How often expired transactional ids are looked for and removed.',
    { min: 1, applies: 'used' },
  ),
  int(
    'transaction.state.log.load.buffer.size',
    5_242_880,
    'Bytes read at a time while loading transactions.',
    { min: 1 },
  ),
  int('transaction.state.log.min.isr', 1, 'In-sync replicas that the transaction topic needs.', {
    min: 1,
    kafkaDefault: 2,
  }),
  int('transaction.state.log.num.partitions', 50, 'Partitions of the transaction topic.', {
    min: 1,
    applies: 'used',
  }),
  short('transaction.state.log.replication.factor', 1, 'Replicas of the transaction topic.', {
    min: 1,
    kafkaDefault: 3,
  }),
  int('transaction.state.log.segment.bytes', 104_857_600, 'Segment size of the transaction topic.', {
    min: 1,
    applies: 'used',
  }),
  boolean(
    'transaction.two.phase.commit.enable',
    false,
    'Whether producers may ask for transactions that an external coordinator ends.',
  ),
  int(
    'transactional.id.expiration.ms',
    604_800_000,
    'Idle time after which a transactional id without open transaction is forgotten.',
    { min: 1, applies: 'used' },
  ),
]
