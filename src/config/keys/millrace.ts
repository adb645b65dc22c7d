// What Kafka has no key for.

import { int, long, string } from '../config-key.js'

export const millraceKeys = [
  long(
    'millrace.network.slab.bytes',
    268_435_456,
    'Memory for received requests; when it is full nobody is read.',
    {
      min: 1_048_576,
      applies: 'used',
    },
  ),
  int(
    'millrace.network.connection.requests.max',
    64,
    'Unanswered requests of one connection before it waits.',
    {
      min: 1,
      max: 65_536,
      applies: 'used',
    },
  ),
  int(
    'millrace.network.connection.send.bytes.max',
    8_388_608,
    'Unsent reply bytes of one connection before its requests wait.',
    { min: 65_536, applies: 'used' },
  ),
  string(
    'millrace.tcp.congestion',
    'cubic',
    'TCP congestion control of client sockets; empty keeps the system’s.',
    {
      applies: 'used',
    },
  ),
  int('millrace.log.threads', 2, 'Native threads that write partition logs.', {
    min: 1,
    max: 256,
    applies: 'used',
  }),
  string(
    'millrace.http.listener',
    '',
    'host:port of the HTTP gateway with health and metrics; empty for none.',
    {
      applies: 'used',
    },
  ),
  string('millrace.cluster.id', '', 'Cluster id given to a new data directory; empty draws one.', {
    applies: 'used',
  }),
]
