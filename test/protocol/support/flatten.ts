import { UNSET_UUID } from '../../../src/protocol/primitives.js'
import type { StructPlan, TypePlan } from '../../../src/protocol/version-plan.js'
import { includes, type SpecField, type SpecMessage } from './specification.js'

/*
 * One line per field that exists at the version, depth first: `path type[?] [tag n] = default`, with `!` after the
 * type where a flexible message keeps the classic encoding.
 */
export function flattenPlan(plan: StructPlan, path = ''): string[] {
  return plan.fields.flatMap((field) => {
    if (field.place === 'absent') return []
    const type = typeName(field)
    const classic = plan.flexible && !field.flexible && field.struct === null ? '!' : ''
    const line = { path: path + field.name, type: type + classic, nullable: field.nullable, tag: field.tag }
    const inner = field.struct ?? field.element?.struct
    return [format({ ...line, fallback: planDefault(type, field.default) })].concat(
      inner === null || inner === undefined ? [] : flattenPlan(inner, `${line.path}.`),
    )
  })
}

export function flattenSpec(message: SpecMessage, version: number): string[] {
  const structs = new Map((message.commonStructs ?? []).map(({ name, fields }) => [name, fields]))
  const flexible = includes(message.flexibleVersions, version)
  return flattenFields(message.fields, '')

  function flattenFields(fields: SpecField[], path: string): string[] {
    return fields.flatMap((field) => {
      if (!includes(field.versions ?? field.taggedVersions, version)) return []
      const array = field.type.startsWith('[]')
      const base = array ? field.type.slice(2) : field.type
      const inner = field.fields ?? structs.get(base)
      const type = (array ? '[]' : '') + (inner === undefined ? base : 'struct')
      const classic = flexible && field.flexibleVersions === 'none' ? '!' : ''
      const line = {
        path: path + lowerCamel(field.name),
        type: type + classic,
        nullable: type === 'records' || includes(field.nullableVersions, version),
        tag: includes(field.taggedVersions, version) ? (field.tag as number) : -1,
      }
      const lines = [format({ ...line, fallback: specDefault(type, field.default) })]
      return inner === undefined ? lines : lines.concat(flattenFields(inner, `${line.path}.`))
    })
  }
}

type Line = { path: string; type: string; nullable: boolean; tag: number; fallback: string }

function format({ path, type, nullable, tag, fallback }: Line): string {
  return `${path} ${type}${nullable ? '?' : ''}${tag < 0 ? '' : ` tag ${tag}`} = ${fallback}`
}

function typeName(type: TypePlan): string {
  return type.kind === 'array' ? `[]${typeName(type.element as TypePlan)}` : type.kind
}

function planDefault(type: string, value: unknown): string {
  if (value === null) return 'null'
  if (type.startsWith('[]') || type === 'bytes')
    return (value as ArrayLike<unknown>).length === 0 ? 'empty' : 'other'
  if (type === 'struct') return 'struct'
  if (type === 'uuid') return value === UNSET_UUID ? '0' : String(value)
  if (type === 'string') return JSON.stringify(value)
  if (type === 'bool') return String(value)
  return String(value)
}

/** The text 'null' is a default; a bare null is none, as Kafka's own generator reads it. */
function specDefault(type: string, value: unknown): string {
  if (value === 'null') return 'null'
  if (type === 'records') return 'null'
  if (type.startsWith('[]') || type === 'bytes') return 'empty'
  if (type === 'struct') return 'struct'
  if (type === 'uuid') return '0'
  if (type === 'string') return JSON.stringify(value ?? '')
  if (type === 'bool') return String(value ?? false).toLowerCase()
  return String(Math.min(Number(value ?? 0), Number.MAX_SAFE_INTEGER))
}

function lowerCamel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
