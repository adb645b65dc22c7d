// One row of a DescribeConfigs reply, before it is given its wire form.

import { type ConfigKey, ConfigType } from './config-key.js'

/** Where a value comes from, with its number on the wire. */
export const ConfigSource = {
  DYNAMIC_TOPIC_CONFIG: 1,
  DYNAMIC_BROKER_CONFIG: 2,
  DYNAMIC_DEFAULT_BROKER_CONFIG: 3,
  STATIC_BROKER_CONFIG: 4,
  DEFAULT_CONFIG: 5,
  DYNAMIC_BROKER_LOGGER_CONFIG: 6,
  DYNAMIC_CLIENT_METRICS_CONFIG: 7,
  DYNAMIC_GROUP_CONFIG: 8,
} as const

export type ConfigSourceNumber = (typeof ConfigSource)[keyof typeof ConfigSource]

export interface ConfigSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: ConfigSourceNumber
}

export interface ConfigEntry {
  readonly name: string
  /** null also when sensitive. */
  readonly value: string | null
  readonly readOnly: boolean
  readonly source: ConfigSourceNumber
  readonly sensitive: boolean
  /** `ConfigType` number. */
  readonly type: number
  readonly documentation: string
  /** Every layer that sets the value, the one in force first. */
  readonly synonyms: readonly ConfigSynonym[]
}

export function configEntry(
  key: ConfigKey,
  value: string | null,
  synonyms: readonly ConfigSynonym[],
): ConfigEntry {
  const sensitive = key.type === 'PASSWORD'
  return {
    name: key.name,
    value: sensitive ? null : value,
    readOnly: key.scope === 'read-only',
    source: synonyms[0]?.source ?? ConfigSource.DEFAULT_CONFIG,
    sensitive,
    type: ConfigType[key.type],
    documentation: key.doc,
    synonyms: sensitive ? synonyms.map((synonym) => ({ ...synonym, value: null })) : synonyms,
  }
}
