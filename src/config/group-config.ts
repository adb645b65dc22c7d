// The settings of one group: its own overrides over the broker's defaults.

import type { BrokerConfig } from './broker-config.js'
import { type ConfigEntry, ConfigSource, type ConfigSynonym, configEntry } from './config-entry.js'
import type { ConfigKey } from './config-key.js'
import { type ConfigValue, parseValue, valueProblem } from './config-value.js'
import { groupKeys } from './keys/group.js'
import { brokerKeys, type NumberKeyName } from './keys.js'

export interface GroupConfig {
  readonly consumerSessionTimeoutMs: number
  readonly consumerHeartbeatIntervalMs: number
  readonly consumerAssignmentIntervalMs: number
  readonly shareSessionTimeoutMs: number
  readonly shareHeartbeatIntervalMs: number
  readonly shareAssignmentIntervalMs: number
  readonly shareRecordLockDurationMs: number
  readonly shareDeliveryCountLimit: number
  readonly sharePartitionMaxRecordLocks: number
  readonly shareAutoOffsetReset: string
  readonly shareIsolationLevel: 'read_committed' | 'read_uncommitted'
  readonly shareRenewAcknowledgeEnable: boolean
  readonly streamsSessionTimeoutMs: number
  readonly streamsHeartbeatIntervalMs: number
  readonly streamsAssignmentIntervalMs: number
  readonly streamsNumStandbyReplicas: number
  readonly streamsInitialRebalanceDelayMs: number
}

export type GroupOverrides = ReadonlyMap<string, string>

type GroupKey = (typeof groupKeys)[number]

const keysByName: ReadonlyMap<string, ConfigKey & Pick<GroupKey, 'serverDefault'>> = new Map(
  groupKeys.map((key) => [key.name, key]),
)

/** Timings outside the broker's present bounds are moved to the nearest bound, as Kafka does. */
export function resolveGroupConfig(config: BrokerConfig, overrides: GroupOverrides): GroupConfig {
  const read = (name: GroupKey['name']) => groupValue(config, overrides, name)
  const number = (name: GroupKey['name']) => clamped(config, name, read(name) as number)
  return {
    consumerSessionTimeoutMs: number('consumer.session.timeout.ms'),
    consumerHeartbeatIntervalMs: number('consumer.heartbeat.interval.ms'),
    consumerAssignmentIntervalMs: number('consumer.assignment.interval.ms'),
    shareSessionTimeoutMs: number('share.session.timeout.ms'),
    shareHeartbeatIntervalMs: number('share.heartbeat.interval.ms'),
    shareAssignmentIntervalMs: number('share.assignment.interval.ms'),
    shareRecordLockDurationMs: number('share.record.lock.duration.ms'),
    shareDeliveryCountLimit: number('share.delivery.count.limit'),
    sharePartitionMaxRecordLocks: number('share.partition.max.record.locks'),
    shareAutoOffsetReset: read('share.auto.offset.reset') as string,
    shareIsolationLevel: read('share.isolation.level') as GroupConfig['shareIsolationLevel'],
    shareRenewAcknowledgeEnable: read('share.renew.acknowledge.enable') as boolean,
    streamsSessionTimeoutMs: number('streams.session.timeout.ms'),
    streamsHeartbeatIntervalMs: number('streams.heartbeat.interval.ms'),
    streamsAssignmentIntervalMs: number('streams.assignment.interval.ms'),
    streamsNumStandbyReplicas: number('streams.num.standby.replicas'),
    streamsInitialRebalanceDelayMs: number('streams.initial.rebalance.delay.ms'),
  }
}

/** The message of an INVALID_CONFIG error, or null; the broker's bounds are part of the check. */
export function validateGroupConfig(config: BrokerConfig, name: string, value: string | null): string | null {
  const key = keysByName.get(name)
  if (key === undefined) return `Unknown group config name: ${name}`
  if (value === null) return `Null value not supported for group configs: ${name}`
  if (name === 'share.auto.offset.reset') return offsetResetProblem(value)
  const problem = valueProblem(key, value)
  if (problem !== null || typeof key.default !== 'string') return problem
  const number = Number(value)
  const bounded = clamped(config, name, number)
  if (Number.isNaN(number) || bounded === number) return null
  const [min, max] = [brokerBound(name, 'min'), brokerBound(name, 'max')]
  if (min !== null && max !== null) {
    return `${name} must be in the range ${config.number(min)} to ${config.number(max)} inclusive.`
  }
  const side = number < bounded ? 'greater than or equal to' : 'less than or equal to'
  return `${name} must be ${side} ${bounded}`
}

/** The rules that join several settings of a group: a session must outlast the pause between two heartbeats. */
export function groupConfigConflict(config: BrokerConfig, overrides: GroupOverrides): string | null {
  for (const family of ['consumer', 'share', 'streams'] as const) {
    const session = `${family}.session.timeout.ms` as const
    const heartbeat = `${family}.heartbeat.interval.ms` as const
    if (!overrides.has(session) && !overrides.has(heartbeat)) continue
    const value = (name: GroupKey['name']) => Number(groupText(config, overrides, name))
    if (value(session) <= value(heartbeat)) return `${session} must be greater than ${heartbeat}`
  }
  return null
}

export function groupConfigEntries(config: BrokerConfig, overrides: GroupOverrides): ConfigEntry[] {
  return groupKeys.map((key) => {
    const own = overrides.get(key.name)
    const synonyms: ConfigSynonym[] = []
    if (own !== undefined) {
      synonyms.push({ name: key.name, value: own, source: ConfigSource.DYNAMIC_GROUP_CONFIG })
    }
    if (key.serverDefault !== null) synonyms.push(...config.synonyms(key.serverDefault))
    return configEntry(key, groupText(config, overrides, key.name), synonyms)
  })
}

function offsetResetProblem(value: string): string | null {
  // Weeks and months have no fixed length, so Java's durations begin at days.
  const duration = /^by_duration:P(?!$)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d{1,9})?S)?)?$/i
  if (value === 'earliest' || value === 'latest' || duration.test(value)) return null
  return (
    `Invalid value ${value} for configuration share.auto.offset.reset: ` +
    'It should be either earliest, latest or by_duration:<an ISO 8601 duration>.'
  )
}

/** group.consumer.min.session.timeout.ms for consumer.session.timeout.ms, when there is such a key. */
function brokerBound(name: string, side: 'min' | 'max'): NumberKeyName | null {
  const [family, ...timing] = name.split('.')
  const rest = name === 'streams.num.standby.replicas' ? 'standby.replicas' : timing.join('.')
  const bound = `group.${family}.${side}.${rest}`
  return brokerKeys.has(bound) ? (bound as NumberKeyName) : null
}

function clamped(config: BrokerConfig, name: string, value: number): number {
  const [min, max] = [brokerBound(name, 'min'), brokerBound(name, 'max')]
  const raised = min === null ? value : Math.max(value, config.number(min))
  return max === null ? raised : Math.min(raised, config.number(max))
}

function groupText(config: BrokerConfig, overrides: GroupOverrides, name: string): string | null {
  const key = keysByName.get(name) as ConfigKey & Pick<GroupKey, 'serverDefault'>
  const own = overrides.get(name)
  if (own !== undefined) return parseValue({ ...key, valid: {} }, own).text
  return key.serverDefault === null ? key.default : config.text(key.serverDefault)
}

function groupValue(config: BrokerConfig, overrides: GroupOverrides, name: GroupKey['name']): ConfigValue {
  const key = keysByName.get(name) as ConfigKey
  return parseValue({ ...key, valid: {} }, groupText(config, overrides, name)).value
}
