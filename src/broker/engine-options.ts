import type { BrokerConfig } from '../config/broker-config.js'
import { ConfigSource } from '../config/config-entry.js'
import type { NumberKeyName } from '../config/keys.js'
import type { EngineOptions } from '../native/engine.js'
import { defaultEngineOptions } from '../native/engine-options.js'

/** Sizes and threads as the operator set them; where nobody did, what suits the engine and this machine. */
export function engineOptionsOf(config: BrokerConfig): EngineOptions {
  const defaults = defaultEngineOptions()
  const given = (name: NumberKeyName, fallback: number) => {
    const source = config.synonyms(name)[0]?.source ?? ConfigSource.DEFAULT_CONFIG
    return source === ConfigSource.DEFAULT_CONFIG ? fallback : config.number(name)
  }
  // Kafka writes "as the system does" as -1, the engine as 0.
  const bufferBytes = (name: NumberKeyName, fallback: number) => Math.max(0, given(name, fallback))
  return {
    networkThreads: given('num.network.threads', defaults.networkThreads),
    logThreads: given('millrace.log.threads', defaults.logThreads),
    frameBytesMax: config.number('socket.request.max.bytes'),
    slabBytes: given('millrace.network.slab.bytes', defaults.slabBytes),
    connectionFramesMax: connectionFramesMax(config),
    connectionSendBytesMax: given(
      'millrace.network.connection.send.bytes.max',
      defaults.connectionSendBytesMax,
    ),
    connectionsMax: Math.min(config.number('max.connections'), defaults.connectionsMax),
    sendBufferBytes: bufferBytes('socket.send.buffer.bytes', defaults.sendBufferBytes),
    receiveBufferBytes: bufferBytes('socket.receive.buffer.bytes', defaults.receiveBufferBytes),
    congestionControl: config.string('millrace.tcp.congestion') ?? '',
  }
}

/** The engine and the connection table must agree on it. */
export function connectionFramesMax(config: BrokerConfig): number {
  return config.number('millrace.network.connection.requests.max')
}
