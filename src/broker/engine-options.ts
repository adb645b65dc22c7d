import type { BrokerConfig } from '../config/broker-config.js'
import type { EngineOptions } from '../native/engine.js'

/** Connections the engine keeps a table for, whatever `max.connections` allows: one descriptor each. */
const CONNECTIONS_MAX = 65_536

export function engineOptionsOf(config: BrokerConfig): EngineOptions {
  return {
    networkThreads: config.number('num.network.threads'),
    logThreads: config.number('millrace.log.threads'),
    frameBytesMax: config.number('socket.request.max.bytes'),
    slabBytes: config.number('millrace.network.slab.bytes'),
    connectionFramesMax: config.number('millrace.network.connection.requests.max'),
    connectionSendBytesMax: config.number('millrace.network.connection.send.bytes.max'),
    connectionsMax: Math.min(CONNECTIONS_MAX, config.number('max.connections')),
    sendBufferBytes: config.number('socket.send.buffer.bytes'),
    receiveBufferBytes: config.number('socket.receive.buffer.bytes'),
    congestionControl: config.string('millrace.tcp.congestion') ?? '',
  }
}
