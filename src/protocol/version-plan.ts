import type { Field, Fields, Kind, Schema } from './schema.js'
import { UNSET_UUID } from './uuid-text.js'

/** A schema seen at one version: nothing left to decide for whoever reads or writes it. */
export type StructPlan = {
  /** In declared order, absent ones included. */
  fields: FieldPlan[]
  flexible: boolean
  /** The struct with every field at its default; frozen. */
  defaults: Record<string, unknown>
}

export type FieldPlan = TypePlan & {
  name: string
  place: 'body' | 'tagged' | 'absent'
  tag: number
  nullable: boolean
  /** May be undefined in a value to encode. */
  optional: boolean
  default: unknown
}

export type TypePlan = {
  kind: Kind
  flexible: boolean
  struct: StructPlan | null
  element: TypePlan | null
}

export function planOf(schema: Schema, version: number): StructPlan {
  return structPlan(schema.fields, version, version >= schema.flexibleSince)
}

/** The fewest bytes a value of the type can take: bounds array counts before anything is allocated. */
export function sizeMinOf({ kind, flexible, struct }: TypePlan): number {
  if (kind === 'struct') return Math.max(1, structSizeMin(struct as StructPlan))
  if (kind === 'string') return flexible ? 1 : 2
  if (kind === 'bytes' || kind === 'records' || kind === 'array') return flexible ? 1 : 4
  return SCALAR_SIZES[kind]
}

const SCALAR_SIZES = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  bits64: 8,
  float64: 8,
  uuid: 16,
}

function structSizeMin({ fields, flexible }: StructPlan): number {
  let size = flexible ? 1 : 0
  for (const field of fields) {
    if (field.place === 'body') size += field.kind === 'struct' && field.nullable ? 1 : sizeMinOf(field)
  }
  return size
}

function structPlan(fields: Fields, version: number, flexible: boolean): StructPlan {
  const planned = Object.entries(fields).map(([name, field]) => fieldPlan(name, field, version, flexible))
  const defaults = Object.fromEntries(planned.map((field) => [field.name, field.default]))
  return { fields: planned, flexible, defaults: Object.freeze(defaults) }
}

function fieldPlan(name: string, field: Field, version: number, flexible: boolean): FieldPlan {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) throw new TypeError(`field name ${name}`)
  const { since = 0, until = Number.POSITIVE_INFINITY, tag = -1, nullable, nullableSince } = field.options
  const type = typePlan(field, version, flexible && field.options.flexible !== false)
  const exists = version >= since && version <= until
  if (exists && tag >= 0 && !flexible) throw new TypeError(`tagged field ${name} in a version without tags`)
  return {
    ...type,
    name,
    place: !exists ? 'absent' : tag >= 0 ? 'tagged' : 'body',
    tag,
    nullable:
      nullableSince !== undefined ? version >= nullableSince : nullable === true || field.kind === 'records',
    optional: field.optional,
    default: defaultOf(field, type),
  }
}

function typePlan(field: Field, version: number, flexible: boolean): TypePlan {
  const { kind, fields, element } = field
  return {
    kind,
    flexible,
    struct: fields === undefined ? null : structPlan(fields, version, flexible),
    element: element === undefined ? null : typePlan(element, version, flexible),
  }
}

const NO_BYTES = Buffer.alloc(0)

function defaultOf(field: Field, type: TypePlan): unknown {
  const given = field.options.default
  if (given !== undefined) return given
  switch (field.kind) {
    case 'struct':
      return (type.struct as StructPlan).defaults
    case 'array':
      return Object.freeze([])
    case 'bool':
      return false
    case 'string':
      return ''
    case 'bytes':
      return NO_BYTES
    case 'records':
      return null
    case 'uuid':
      return UNSET_UUID
    case 'bits64':
      return 0n
    default:
      return 0
  }
}
