import fc from 'fast-check'
import type { Field, Fields, Schema } from '../../../src/protocol/schema.js'
import { type FieldPlan, planOf, type StructPlan, type TypePlan } from '../../../src/protocol/version-plan.js'

/*
 * Values a schema can carry at one version. Fields the version lacks hold their default, so that what was encoded
 * must come back equal. Records come back as positions, not bytes; they are left null here and tested apart.
 */
export function valuesOf(schema: Schema, version: number): fc.Arbitrary<Record<string, unknown>> {
  return structOf(planOf(schema, version))
}

function structOf(plan: StructPlan): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(plan.fields.map((field) => [field.name, fieldOf(field)])), {
    noNullPrototype: true,
  })
}

function fieldOf(field: FieldPlan): fc.Arbitrary<unknown> {
  if (field.place === 'absent') return fc.constant(thawed(field.default))
  const value = typeOf(field)
  const choices = [{ weight: 4, arbitrary: value }]
  if (field.nullable) choices.push({ weight: 1, arbitrary: fc.constant(null) })
  if (field.place === 'tagged') choices.push({ weight: 1, arbitrary: fc.constant(thawed(field.default)) })
  return fc.oneof(...choices)
}

function typeOf(type: TypePlan): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'struct':
      return structOf(type.struct as StructPlan)
    case 'array':
      return fc.array(typeOf(type.element as TypePlan), { maxLength: 3 })
    case 'string':
      return fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 140 }))
    case 'bytes':
      return fc.uint8Array({ maxLength: 140 }).map((bytes) => Buffer.from(bytes))
    case 'records':
      return fc.constant(null)
    case 'uuid':
      return fc
        .uint8Array({ minLength: 16, maxLength: 16 })
        .map((bytes) => Buffer.from(bytes).toString('base64url'))
    case 'bool':
      return fc.boolean()
    case 'bits64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case 'float64':
      // A default of 0 is left out for -0 too, and comes back as 0.
      return fc.double({ noNaN: true }).map((value) => value + 0)
    default:
      return integerOf(type.kind)
  }
}

const INTEGER_BOUNDS: Record<string, [number, number]> = {
  int8: [-0x80, 0x7f],
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x80000000, 0x7fffffff],
  uint32: [0, 0xffffffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
}

function integerOf(kind: string): fc.Arbitrary<number> {
  const [min, max] = INTEGER_BOUNDS[kind] as [number, number]
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max, 0, 1))
}

/** A default struct is shared and frozen; the copy compares equal and may be shrunk. */
function thawed(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  if (Array.isArray(value)) return []
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, thawed(member)]))
}

/** The names of the fields of kind records anywhere in a schema. */
export function hasRecords(fields: Fields): boolean {
  return Object.values(fields).some(fieldHasRecords)
}

function fieldHasRecords(field: Field): boolean {
  if (field.kind === 'records') return true
  if (field.element !== undefined) return fieldHasRecords(field.element)
  return field.fields !== undefined && hasRecords(field.fields)
}
