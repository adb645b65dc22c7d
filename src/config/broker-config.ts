// The broker's settings in layers: dynamic for this broker > dynamic for all brokers > static > default.
//
// Static values are checked once, at start. Dynamic ones come and go with metadata records; whoever acts on a value
// while running watches it, everyone else reads it when constructed. One thread, no locks.

import { resolve } from 'node:path'
import { type ConfigEntry, ConfigSource, type ConfigSynonym, configEntry } from './config-entry.js'
import { ConfigError, type ConfigValue, invalid, parseValue, valueProblem } from './config-value.js'
import { checkConstraints } from './constraints.js'
import {
  type BooleanKeyName,
  type BrokerKeyName,
  brokerKeys,
  brokerSynonyms,
  type ListKeyName,
  type NumberKeyName,
  type StringKeyName,
} from './keys.js'
import { type Listener, parseListeners } from './listeners.js'
import { type ConfigSources, requireKey, staticConfig } from './static-config.js'
import { HOUR_MS, MINUTE_MS } from './units.js'

export type DynamicLevel = 'broker' | 'cluster'

export class BrokerConfig {
  readonly #static: ReadonlyMap<string, string>
  readonly #broker = new Map<string, string>()
  readonly #cluster = new Map<string, string>()
  readonly #values = new Map<string, ConfigValue>()
  readonly #watches = new Map<string, Set<(value: ConfigValue) => void>>()
  readonly #anyWatches = new Set<(name: string) => void>()
  readonly listeners: readonly Listener[]
  readonly nodeId: number
  /** Absolute. */
  readonly logDirs: readonly string[]

  /** Throws `ConfigError`, which names the key, the value and what is accepted. */
  static parse(sources: ConfigSources = {}): { config: BrokerConfig; warnings: string[] } {
    const { texts, warnings } = staticConfig(sources)
    const config = new BrokerConfig(texts, sources.workingDirectory ?? process.cwd())
    checkConstraints(config)
    return { config, warnings: [...warnings, ...config.#controllerNote()] }
  }

  private constructor(texts: ReadonlyMap<string, string>, workingDirectory: string) {
    this.#static = texts
    this.nodeId = this.#parseNodeId()
    this.logDirs = this.#parseLogDirs(workingDirectory)
    this.listeners = this.#parseListeners().listeners
  }

  get(name: BrokerKeyName): ConfigValue {
    let value = this.#values.get(name)
    if (value === undefined) {
      value = parseValue(requireKey(name), this.#text(name)).value
      this.#values.set(name, value)
    }
    return value
  }

  /** For keys that always have a value; see `numberOrNull`. */
  number(name: NumberKeyName): number {
    const value = this.numberOrNull(name)
    if (value === null) throw new ConfigError(name, `${name} is not set.`)
    return value
  }

  numberOrNull(name: NumberKeyName): number | null {
    return this.get(name) as number | null
  }

  boolean(name: BooleanKeyName): boolean {
    return this.get(name) as boolean
  }

  string(name: StringKeyName): string | null {
    return this.get(name) as string | null
  }

  list(name: ListKeyName): readonly string[] {
    return (this.get(name) as readonly string[] | null) ?? []
  }

  /** The broker's retention, from whichever of the three keys wins. */
  get retentionMs(): number {
    const ms = this.numberOrNull('log.retention.ms')
    const minutes = this.numberOrNull('log.retention.minutes')
    const value =
      ms ?? (minutes === null ? this.number('log.retention.hours') * HOUR_MS : minutes * MINUTE_MS)
    return value < 0 ? -1 : value
  }

  /** The text in force, as a file would have it. */
  text(name: string): string | null {
    return parseValue(requireKey(name), this.#text(name)).text
  }

  /** Why a dynamic change would be refused, in Kafka's words; null when it would not. */
  dynamicProblem(name: string, value: string | null, level: DynamicLevel = 'broker'): string | null {
    const key = brokerKeys.get(name)
    // Kafka keeps unknown dynamic settings for plug-ins of its own; there is none here.
    if (key === undefined) return `Unknown broker config name: ${name}`
    if (key.scope === 'read-only') return `Cannot update these configs dynamically: Set(${name})`
    if (key.scope === 'per-broker' && level === 'cluster') {
      return `Cannot update these configs at default cluster level: Set(${name})`
    }
    return value === null ? null : valueProblem(key, value)
  }

  /** `null` takes the setting away. Throws `ConfigError` when `dynamicProblem` would have told why. */
  setDynamic(name: string, value: string | null, level: DynamicLevel = 'broker'): void {
    const problem = this.dynamicProblem(name, value, level)
    if (problem !== null) throw new ConfigError(name, problem)
    const before = this.#text(name)
    const layer = level === 'broker' ? this.#broker : this.#cluster
    if (value === null) layer.delete(name)
    else layer.set(name, value)
    if (this.#text(name) === before) return
    this.#values.delete(name)
    const now = this.get(name as BrokerKeyName)
    for (const watch of this.#watches.get(name) ?? []) watch(now)
    for (const watch of this.#anyWatches) watch(name)
  }

  /** Calls back after each change of the value in force; returns what ends that. */
  watch(name: BrokerKeyName, changed: (value: ConfigValue) => void): () => void {
    const watches = this.#watches.get(name) ?? new Set()
    this.#watches.set(name, watches.add(changed))
    return () => watches.delete(changed)
  }

  /** The same for any key, for those who derive topic settings from many. */
  watchAll(changed: (name: string) => void): () => void {
    this.#anyWatches.add(changed)
    return () => this.#anyWatches.delete(changed)
  }

  /** Every describable key with the value in force. */
  entries(): ConfigEntry[] {
    const described = [...brokerKeys.values()].filter((key) => !key.internal && !key.dynamicOnly)
    return described.map((key) => configEntry(key, this.text(key.name), this.synonyms(key.name)))
  }

  /** The dynamic settings for all brokers, as a description of the nameless broker shows them. */
  clusterEntries(): ConfigEntry[] {
    return [...this.#cluster].map(([name, value]) => {
      const source = ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG
      return configEntry(requireKey(name), value, [{ name, value, source }])
    })
  }

  /** Layers that set a key or its synonyms; like Kafka's list it begins at the key's own name. */
  synonyms(name: string): ConfigSynonym[] {
    const names = brokerSynonyms(name)
    const layers = [
      { source: ConfigSource.DYNAMIC_BROKER_CONFIG, texts: (key: string) => this.#broker.get(key) },
      { source: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, texts: (key: string) => this.#cluster.get(key) },
      { source: ConfigSource.STATIC_BROKER_CONFIG, texts: (key: string) => this.#static.get(key) },
      { source: ConfigSource.DEFAULT_CONFIG, texts: (key: string) => requireKey(key).default },
    ]
    const all = layers.flatMap(({ source, texts }) =>
      names.flatMap((key) => {
        const value = texts(key) ?? null
        return value === null ? [] : [{ name: key, value, source }]
      }),
    )
    const first = all.findIndex((synonym) => synonym.name === name)
    return first === -1 ? [] : all.slice(first)
  }

  #text(name: string): string | null {
    return (
      this.#broker.get(name) ?? this.#cluster.get(name) ?? this.#static.get(name) ?? requireKey(name).default
    )
  }

  #parseNodeId(): number {
    const [node, broker] = [this.#static.get('node.id'), this.#static.get('broker.id')]
    if (node !== undefined && broker !== undefined && Number(node) !== Number(broker)) {
      throw invalid(requireKey('broker.id'), broker, `node.id is ${node} and both must agree`)
    }
    const id = Number(node ?? broker ?? requireKey('node.id').default)
    if (id < 0) throw invalid(requireKey('node.id'), String(id), 'Value must be at least 0')
    return id
  }

  #parseLogDirs(workingDirectory: string): string[] {
    const given = this.#static.has('log.dirs') ? this.list('log.dirs') : this.list('log.dir')
    const directories = given.map((directory) => resolve(workingDirectory, directory))
    if (new Set(directories).size !== directories.length) {
      throw new ConfigError('log.dirs', `log.dirs names a directory twice: ${directories.join(', ')}`)
    }
    return directories
  }

  #parseListeners(): { listeners: Listener[]; skipped: string[] } {
    const advertised = this.list('advertised.listeners')
    return parseListeners({
      listeners: this.list('listeners'),
      listenersGiven: this.#static.has('listeners'),
      advertised: advertised.length === 0 ? null : advertised,
      protocolMap: this.string('listener.security.protocol.map') ?? '',
      controllerNames: this.list('controller.listener.names').map((name) => name.toUpperCase()),
    })
  }

  #controllerNote(): string[] {
    const { skipped } = this.#parseListeners()
    if (skipped.length === 0) return []
    return [`Controller listeners are not opened, the controller is embedded: ${skipped.join(', ')}`]
  }
}
