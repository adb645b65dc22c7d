// Rules that join several keys. Each row: what must hold, and the key to name when it does not.

import type { BrokerConfig } from './broker-config.js'
import { ConfigError } from './config-value.js'
import type { NumberKeyName } from './keys.js'

/** Throws `ConfigError` for the first rule that does not hold. */
export function checkConstraints(config: BrokerConfig): void {
  for (const family of ['consumer', 'share', 'streams'] as const) checkGroupFamily(config, family)
  atMost(config, 'group.min.session.timeout.ms', 'group.max.session.timeout.ms')
  const requestBytes = config.number('socket.request.max.bytes')
  refuseUnless(
    requestBytes + FRAME_OVERHEAD_BYTES <= config.number('millrace.network.slab.bytes'),
    'millrace.network.slab.bytes',
    `must hold a request of socket.request.max.bytes (${requestBytes}) and ${FRAME_OVERHEAD_BYTES} more`,
  )
  const retentionMs = config.retentionMs
  refuseUnless(retentionMs !== 0, 'log.retention.ms', 'must be -1 or at least 1')
}

/** Room for the engine's own book-keeping beside the largest frame. */
const FRAME_OVERHEAD_BYTES = 65_536

function checkGroupFamily(config: BrokerConfig, family: 'consumer' | 'share' | 'streams'): void {
  const prefix = `group.${family}` as const
  for (const timing of ['heartbeat.interval.ms', 'session.timeout.ms'] as const) {
    atMost(config, `${prefix}.min.${timing}`, `${prefix}.${timing}`)
    atMost(config, `${prefix}.${timing}`, `${prefix}.max.${timing}`)
  }
  const heartbeat = `${prefix}.heartbeat.interval.ms` as const
  const session = `${prefix}.session.timeout.ms` as const
  refuseUnless(config.number(heartbeat) < config.number(session), heartbeat, `must be less than ${session}`)
}

function atMost(config: BrokerConfig, lower: NumberKeyName, upper: NumberKeyName): void {
  const [low, high] = [config.number(lower), config.number(upper)]
  refuseUnless(low <= high, lower, `is ${low}, which must not exceed ${upper} (${high})`)
}

function refuseUnless(holds: boolean, key: string, why: string): void {
  if (!holds) throw new ConfigError(key, `${key} ${why}.`)
}
