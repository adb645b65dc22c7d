// What a configuration key is. The tables in `keys/` list every key as one literal; nothing else knows them.

/** Kafka's types with their number in a DescribeConfigs reply. */
export const ConfigType = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
} as const

export type ConfigTypeName = keyof typeof ConfigType

/** Which values are accepted besides what the type demands. */
export interface Valid {
  readonly min?: number
  readonly max?: number
  /** Values accepted outside [min, max]. */
  readonly or?: readonly number[]
  readonly oneOf?: readonly string[]
  readonly caseInsensitive?: boolean
  readonly listOf?: readonly string[]
  /** False when a list must hold something. */
  readonly emptyAllowed?: boolean
  readonly nonEmptyString?: boolean
}

/** read-only: set at start. per-broker: changeable for one broker. cluster-wide: for one broker or for all. */
export type ConfigScope = 'read-only' | 'per-broker' | 'cluster-wide'

export interface ConfigKey<Name extends string = string, Type extends ConfigTypeName = ConfigTypeName> {
  readonly name: Name
  readonly type: Type
  /** As it would be written in a file; null for none. */
  readonly default: string | null
  /** Kafka's default; differs from `default` only where one embedded node needs another. */
  readonly kafkaDefault: string | null
  readonly valid: Valid
  readonly scope: ConfigScope
  /** Settable, but left out of descriptions. */
  readonly internal: boolean
  /** Only changeable at run time, refused in a file. */
  readonly dynamicOnly: boolean
  /** used: Millrace acts on it. accepted: taken for compatibility, without effect. */
  readonly applies: 'used' | 'accepted'
  readonly doc: string
}

type Default = string | number | boolean | readonly string[] | null

interface KeyOptions extends Valid {
  readonly scope?: ConfigScope
  readonly internal?: boolean
  readonly dynamicOnly?: boolean
  readonly applies?: 'used' | 'accepted'
  readonly kafkaDefault?: Default
}

export const boolean = maker('BOOLEAN')
export const string = maker('STRING')
export const int = maker('INT')
export const short = maker('SHORT')
export const long = maker('LONG')
export const double = maker('DOUBLE')
export const list = maker('LIST')
export const javaClass = maker('CLASS')
export const password = maker('PASSWORD')

/** Java's largest long: how Kafka writes "never" and "no limit". */
export const LONG_MAX = '9223372036854775807'

function maker<const Type extends ConfigTypeName>(type: Type) {
  return <const Name extends string>(
    name: Name,
    defaultValue: Default,
    doc: string,
    options: KeyOptions = {},
  ): ConfigKey<Name, Type> => {
    const {
      scope = 'read-only',
      internal = false,
      dynamicOnly = false,
      applies = 'accepted',
      kafkaDefault = defaultValue,
      ...valid
    } = options
    return {
      name,
      type,
      default: textOf(defaultValue),
      kafkaDefault: textOf(kafkaDefault),
      valid,
      scope,
      internal,
      dynamicOnly,
      applies,
      doc,
    }
  }
}

function textOf(value: Default): string | null {
  if (value === null) return null
  return typeof value === 'object' ? value.join(',') : String(value)
}
