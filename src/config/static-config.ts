// The settings a broker starts with: file, environment and flags, later ones winning, and what is said about those
// that have no effect.

import type { ConfigKey } from './config-key.js'
import { ConfigError, parseValue } from './config-value.js'
import { settingsFromEnvironment } from './environment.js'
import { brokerKeys } from './keys.js'
import { parseProperties } from './properties.js'

export interface ConfigSources {
  /** The text of server.properties. */
  readonly file?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly overrides?: Readonly<Record<string, string>>
  /** Where relative paths start; the process's own when absent. */
  readonly workingDirectory?: string
}

export interface StaticConfig {
  /** Known keys only, every value checked. */
  readonly texts: Map<string, string>
  readonly warnings: string[]
}

/** Throws `ConfigError` for a value that a known key does not accept. */
export function staticConfig(sources: ConfigSources): StaticConfig {
  const environment = settingsFromEnvironment(sources.environment ?? {})
  const given = new Map([
    ...parseProperties(sources.file ?? ''),
    ...environment.properties,
    ...Object.entries(sources.overrides ?? {}),
  ])
  const texts = new Map<string, string>()
  const unknown: string[] = []
  const idle: string[] = []
  for (const [name, text] of given) {
    const key = brokerKeys.get(name)
    if (key === undefined) {
      if (isKnownForm(name)) idle.push(name)
      else unknown.push(name)
      continue
    }
    if (key.dynamicOnly) throw new ConfigError(name, `${name} can only be changed while the broker runs.`)
    const parsed = parseValue(key, text)
    texts.set(name, text)
    if (key.applies === 'accepted' && parsed.text !== key.default && parsed.text !== key.kafkaDefault) {
      idle.push(name)
    }
  }
  return { texts, warnings: warningsFor({ unknown, idle, java: environment.javaVariables }) }
}

export function requireKey(name: string): ConfigKey {
  const key = brokerKeys.get(name)
  if (key === undefined) throw new ConfigError(name, `Unknown broker config name: ${name}`)
  return key
}

function warningsFor(names: { unknown: string[]; idle: string[]; java: string[] }): string[] {
  const warnings: string[] = []
  const sorted = (list: string[]) => list.toSorted().join(', ')
  if (names.unknown.length > 0) {
    warnings.push(`Unknown properties are ignored: ${sorted(names.unknown)}`)
  }
  if (names.idle.length > 0) {
    warnings.push(`These properties are accepted but have no effect here: ${sorted(names.idle)}`)
  }
  if (names.java.length > 0) {
    warnings.push(`These variables concern a Java process and are ignored: ${sorted(names.java)}`)
  }
  return warnings
}

/** Names with free parts, and those of older Kafka versions, which many files still carry. */
function isKnownForm(name: string): boolean {
  return FORMS.some((form) => form.test(name)) || REMOVED.has(name)
}

const FORMS = [
  /^listener\.name\.[^.]+\../,
  /^config\.providers\../,
  /^(rlmm|rsm)\.config\../,
  /^zookeeper\../,
  /^password\.encoder\../,
]

const REMOVED: ReadonlySet<string> = new Set([
  'super.users',
  'allow.everyone.if.no.acl.found',
  'metrics.jmx.include',
  'metrics.jmx.exclude',
  'auto.include.jmx.reporter',
  'broker.id.generation.enable',
  'control.plane.listener.name',
  'controlled.shutdown.max.retries',
  'controlled.shutdown.retry.backoff.ms',
  'delegation.token.master.key',
  'eligible.leader.replicas.enable',
  'group.share.max.groups',
  'inter.broker.protocol.version',
  'leader.imbalance.per.broker.percentage',
  'log.message.downconversion.enable',
  'log.message.format.version',
  'log.message.timestamp.difference.max.ms',
  'offsets.commit.required.acks',
  'reserved.broker.max.id',
])
