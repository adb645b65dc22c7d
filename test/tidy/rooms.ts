// The rooms, what lives there and what each may import besides itself. README shows the same table; a test compares.

export interface Room {
  readonly name: string
  readonly lives: string
  readonly mayImport: readonly string[] | 'everything'
  /** Designed, not built: the directory must not exist yet. */
  readonly planned?: true
}

/** The last of a path: `broker.ts` and `index.ts` lie beside the rooms and count as the room `broker`. */
export const COMPOSITION = 'broker'

export const rooms: readonly Room[] = [
  { name: 'broker', lives: 'embedding API and composition root', mayImport: 'everything' },
  { name: 'base', lives: 'clock, timing wheel, random, assert, logger, metrics', mayImport: [] },
  { name: 'native', lives: 'the door to the addon', mayImport: ['base'] },
  { name: 'protocol', lives: 'wire only: schemas, messages, records', mayImport: ['base'] },
  { name: 'config', lives: 'every key as data, layered store, watches', mayImport: ['base', 'protocol'] },
  {
    name: 'security',
    lives: 'SASL, ACLs, SCRAM, TLS options',
    mayImport: ['base', 'protocol', 'config'],
    planned: true,
  },
  { name: 'quota', lives: 'byte and request windows', mayImport: ['base', 'config'], planned: true },
  { name: 'codec', lives: 'gzip, snappy, lz4, zstd behind one face', mayImport: ['base'] },
  {
    name: 'network',
    lives: 'connections, listeners, backpressure',
    mayImport: ['base', 'protocol', 'native'],
  },
  {
    name: 'log',
    lives: 'partitions: append, read, producer state, watermarks, retention',
    mayImport: ['base', 'protocol', 'native', 'config'],
  },
  { name: 'fetch', lives: 'sessions, waiters, byte budgets', mayImport: ['base', 'protocol', 'log'] },
  {
    name: 'coordinator',
    lives: 'replicated state machine runtime',
    mayImport: ['base', 'protocol', 'log', 'config'],
  },
  {
    name: 'groups',
    lives: 'group state machines and committed offsets',
    mayImport: ['base', 'protocol', 'config', 'coordinator'],
  },
  {
    name: 'transactions',
    lives: 'transaction coordinator, markers, producer ids',
    mayImport: ['base', 'protocol', 'config', 'coordinator', 'log'],
  },
  {
    name: 'cluster',
    lives: 'metadata image, controller and its store',
    mayImport: ['base', 'protocol', 'config', 'coordinator'],
  },
  {
    name: 'replication',
    lives: 'follower fetch loop, ISR',
    mayImport: ['base', 'protocol', 'log', 'cluster', 'client'],
    planned: true,
  },
  {
    name: 'api',
    lives: 'one file per request kind, table, dispatch',
    mayImport: [
      'base',
      'protocol',
      'config',
      'security',
      'quota',
      'codec',
      'log',
      'fetch',
      'coordinator',
      'groups',
      'transactions',
      'cluster',
      'replication',
    ],
  },
  {
    name: 'client',
    lives: 'TypeScript client',
    mayImport: ['base', 'protocol', 'native'],
    planned: true,
  },
  { name: 'gateway', lives: 'HTTP: health, readiness, metrics', mayImport: ['base', 'client'] },
  {
    name: 'features',
    lives: 'delay, retry, dead letter, expiry, trace',
    mayImport: ['base', 'client'],
    planned: true,
  },
  { name: 'cli', lives: 'the command line', mayImport: ['base', 'config', 'broker', 'client'] },
]

/** Which directories of native/ a directory may include besides itself. */
export const nativeRooms: Readonly<Record<string, readonly string[]>> = {
  base: [],
  io: ['base'],
  codec: ['base'],
  log: ['base', 'io', 'codec'],
  net: ['base', 'io', 'codec'],
}
