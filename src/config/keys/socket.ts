// Listeners and connections.

import { int, list, long, string } from '../config-key.js'

export const socketKeys = [
  list(
    'advertised.listeners',
    null,
    'Addresses told to clients, as NAME://host:port; without it clients are told the address they dialled.',
    { emptyAllowed: false, applies: 'used' },
  ),
  int(
    'connection.failed.authentication.delay.ms',
    100,
    'Pause before a connection that failed to authenticate is closed.',
    { min: 0 },
  ),
  long('connections.max.idle.ms', 600_000, 'Idle time after which a connection is closed.', {
    applies: 'used',
  }),
  string(
    'listener.security.protocol.map',
    'PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    'Security protocol of each listener name, as NAME:PROTOCOL pairs.',
    { scope: 'per-broker', applies: 'used' },
  ),
  list(
    'listeners',
    'PLAINTEXT://0.0.0.0:9092',
    'Addresses to listen on, as NAME://host:port; an empty host means every interface, port 0 a free one.',
    { emptyAllowed: false, scope: 'per-broker', kafkaDefault: ['PLAINTEXT://:9092'], applies: 'used' },
  ),
  int('max.connection.creation.rate', 2_147_483_647, 'Most connections accepted per second.', {
    min: 0,
    scope: 'cluster-wide',
  }),
  int('max.connections', 2_147_483_647, 'Most connections open at a time.', {
    min: 0,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  int('max.connections.per.ip', 2_147_483_647, 'Most connections open at a time from one address.', {
    min: 0,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  string(
    'max.connections.per.ip.overrides',
    '',
    'Exceptions from max.connections.per.ip, as address:count pairs.',
    { scope: 'cluster-wide' },
  ),
  int('num.network.threads', 3, 'Native threads that read and write sockets.', {
    min: 1,
    scope: 'cluster-wide',
    applies: 'used',
  }),
  long(
    'queued.max.request.bytes',
    -1,
    'Most bytes of received requests that wait for the request threads; -1 for no limit.',
  ),
  int('queued.max.requests', 500, 'Most received requests that wait for the request threads.', { min: 1 }),
  int('socket.listen.backlog.size', 50, 'Connections that may wait to be accepted.', {
    min: 1,
    applies: 'used',
  }),
  int('socket.receive.buffer.bytes', 102_400, "Receive buffer of a client socket; -1 keeps the system's.", {
    applies: 'used',
  }),
  int('socket.request.max.bytes', 104_857_600, 'Largest request; a larger one closes the connection.', {
    min: 1,
    applies: 'used',
  }),
  int('socket.send.buffer.bytes', 102_400, "Send buffer of a client socket; -1 keeps the system's.", {
    applies: 'used',
  }),
]
