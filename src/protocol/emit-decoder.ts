import type { FieldPlan, StructPlan, TypePlan } from './version-plan.js'
import { sizeMinOf } from './version-plan.js'

/** Source of a function body over the constants `k` that returns `(reader) => value`. */
export function emitDecoder(plan: StructPlan): { source: string; constants: unknown[] } {
  const emitter = new DecoderEmitter()
  const root = emitter.struct(plan)
  return {
    source: `'use strict'\n${emitter.functions.join('\n')}\nreturn ${root}`,
    constants: emitter.constants,
  }
}

class DecoderEmitter {
  readonly functions: string[] = []
  readonly constants: unknown[] = []

  /** Emits the function reading a struct and returns its name. */
  struct(plan: StructPlan): string {
    const lines: string[] = []
    for (const field of plan.fields) {
      const variable = variableOf(field)
      if (field.place === 'body') lines.push(`const ${variable} = ${this.value(field, field.nullable)}`)
      else lines.push(`let ${variable} = ${this.literal(field.default)}`)
    }
    if (plan.flexible) lines.push(this.tags(plan.fields.filter((field) => field.place === 'tagged')))
    const members = plan.fields.map((field) => `${field.name}: ${variableOf(field)}`)
    lines.push(`return { ${members.join(', ')} }`)
    return this.define('r', lines)
  }

  private tags(tagged: FieldPlan[]): string {
    if (tagged.length === 0) return 'r.skipTags()'
    const cases = tagged.map((field) => {
      const value =
        field.kind === 'struct' && field.nullable
          ? this.taggedStruct(field)
          : this.value(field, field.nullable)
      return `case ${field.tag}: ${variableOf(field)} = ${value}; break`
    })
    return `for (let n = r.tagCount(); n > 0; n--) {
  const tag = r.uvarint()
  const outer = r.enter(r.uvarint())
  switch (tag) {
    ${cases.join('\n    ')}
    default: r.take(r.remaining)
  }
  r.leave(outer)
}`
  }

  /** In the tagged section the presence marker of a nullable struct is a uvarint. */
  private taggedStruct(type: TypePlan): string {
    return `r.uvarint() === 0 ? null : ${this.struct(type.struct as StructPlan)}(r)`
  }

  /** An expression that reads one value. */
  private value(type: TypePlan, nullable: boolean): string {
    switch (type.kind) {
      case 'struct': {
        const read = `${this.struct(type.struct as StructPlan)}(r)`
        return nullable ? `r.int8() < 0 ? null : ${read}` : read
      }
      case 'array':
        return `${this.array(type, nullable)}(r)`
      case 'string':
      case 'bytes':
        return `r.${readerMethod(type.kind, type.flexible, nullable)}()`
      case 'records':
        return type.flexible ? 'r.compactRecords()' : 'r.records()'
      default:
        return `r.${type.kind}()`
    }
  }

  private array(type: TypePlan, nullable: boolean): string {
    const element = type.element as TypePlan
    const length = `r.${type.flexible ? 'compactArrayLength' : 'arrayLength'}(${sizeMinOf(element)})`
    return this.define('r', [
      `const n = ${length}`,
      nullable ? 'if (n < 0) return null' : 'if (n < 0) r.refuseNull()',
      // Exact: growing by push would reserve 17 elements for the usual one or two.
      'const a = new Array(n)',
      `for (let i = 0; i < n; i++) a[i] = ${this.value(element, false)}`,
      'return a',
    ])
  }

  private literal(value: unknown): string {
    if (Array.isArray(value)) return '[]'
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
    if (typeof value === 'string') return JSON.stringify(value)
    this.constants.push(value)
    return `k[${this.constants.length - 1}]`
  }

  private define(parameter: string, lines: string[]): string {
    const name = `f${this.functions.length}`
    this.functions.push(`function ${name}(${parameter}) {\n${lines.join('\n')}\n}`)
    return name
  }
}

function variableOf(field: FieldPlan): string {
  return `v_${field.name}`
}

function readerMethod(kind: 'string' | 'bytes', flexible: boolean, nullable: boolean): string {
  const noun = kind === 'string' ? 'String' : 'Bytes'
  if (flexible) return nullable ? `compactNullable${noun}` : `compact${noun}`
  return nullable ? `nullable${noun}` : kind
}
