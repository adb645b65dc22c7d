import type { FieldPlan, StructPlan, TypePlan } from './version-plan.js'

/** Source of a function body over the constants `k` that returns `(writer, value) => void`. */
export function emitEncoder(plan: StructPlan): { source: string; constants: unknown[] } {
  const emitter = new EncoderEmitter()
  const root = emitter.struct(plan)
  return {
    source: `'use strict'\n${emitter.functions.join('\n')}\nreturn ${root}`,
    constants: emitter.constants,
  }
}

class EncoderEmitter {
  readonly functions: string[] = []
  readonly constants: unknown[] = []

  /** Emits the function writing a struct and returns its name. */
  struct(plan: StructPlan): string {
    const lines: string[] = []
    for (const field of plan.fields) {
      if (field.place !== 'body') continue
      if (!field.optional) {
        lines.push(this.value(field, field.nullable, `v.${field.name}`))
        continue
      }
      const variable = `v_${field.name}`
      lines.push(this.load(field), this.value(field, field.nullable, variable))
    }
    if (plan.flexible) lines.push(this.tags(plan.fields.filter((field) => field.place === 'tagged')))
    return this.define('w, v', lines)
  }

  private tags(tagged: FieldPlan[]): string {
    if (tagged.length === 0) return 'w.uvarint(0)'
    const ascending = tagged.toSorted((a, b) => a.tag - b.tag)
    const lines = ascending.flatMap((field) => [
      this.load(field),
      `const has_${field.name} = ${this.differs(field, `v_${field.name}`)}`,
    ])
    lines.push(`w.uvarint(${ascending.map((field) => `(has_${field.name} ? 1 : 0)`).join(' + ')})`)
    for (const field of ascending) {
      lines.push(
        `if (has_${field.name}) {`,
        `const mark = w.beginTag(${field.tag})`,
        field.kind === 'struct' && field.nullable
          ? this.taggedStruct(field)
          : this.value(field, field.nullable, `v_${field.name}`),
        'w.endTag(mark)',
        '}',
      )
    }
    return lines.join('\n')
  }

  /** In the tagged section the presence marker of a nullable struct is a uvarint. */
  private taggedStruct(field: FieldPlan): string {
    const write = `${this.struct(field.struct as StructPlan)}(w, v_${field.name})`
    return `if (v_${field.name} === null) w.uvarint(0); else { w.uvarint(1); ${write} }`
  }

  /** Declares the field's value, its default standing in for an omitted one. */
  private load(field: FieldPlan): string {
    const variable = `v_${field.name}`
    return `const ${variable} = v.${field.name} === undefined ? ${this.literal(field.default)} : v.${field.name}`
  }

  /** A statement that writes one value. */
  private value(type: TypePlan, nullable: boolean, source: string): string {
    switch (type.kind) {
      case 'struct': {
        const write = `${this.struct(type.struct as StructPlan)}(w, ${source})`
        return nullable ? `if (${source} === null) w.int8(-1); else { w.int8(1); ${write} }` : write
      }
      case 'array':
        return `${this.array(type, nullable)}(w, ${source})`
      case 'string':
      case 'bytes':
        return `w.${writerMethod(type.kind, type.flexible, nullable)}(${source})`
      case 'records':
        return `w.${type.flexible ? 'compactRecords' : 'records'}(${source})`
      default:
        return `w.${type.kind}(${source})`
    }
  }

  private array(type: TypePlan, nullable: boolean): string {
    const none = type.flexible ? 'w.uvarint(0)' : 'w.int32(-1)'
    return this.define('w, v', [
      nullable ? `if (v === null) { ${none}; return }` : '',
      'const n = v.length',
      type.flexible ? 'w.uvarint(n + 1)' : 'w.int32(n)',
      `for (let i = 0; i < n; i++) ${this.value(type.element as TypePlan, false, 'v[i]')}`,
    ])
  }

  /** An expression: does the value differ from the default, so that its tag must be written? */
  private differs(field: FieldPlan, source: string): string {
    const fallback = field.default
    if (fallback === null) return `${source} !== null`
    if (field.kind === 'array' || field.kind === 'bytes') {
      return field.nullable ? `(${source} === null || ${source}.length !== 0)` : `${source}.length !== 0`
    }
    if (field.kind !== 'struct') return `${source} !== ${this.literal(fallback)}`
    const test = `${this.structDiffers(field.struct as StructPlan)}(${source})`
    return field.nullable ? `(${source} === null || ${test})` : test
  }

  private structDiffers(plan: StructPlan): string {
    const lines = [`if (v === ${this.literal(plan.defaults)}) return false`]
    for (const field of plan.fields) {
      if (field.place === 'absent') continue
      lines.push(this.load(field), `if (${this.differs(field, `v_${field.name}`)}) return true`)
    }
    return this.define('v', [...lines, 'return false'])
  }

  private literal(value: unknown): string {
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
    if (typeof value === 'string') return JSON.stringify(value)
    const known = this.constants.indexOf(value)
    return `k[${known >= 0 ? known : this.constants.push(value) - 1}]`
  }

  private define(parameters: string, lines: string[]): string {
    const name = `f${this.functions.length}`
    this.functions.push(`function ${name}(${parameters}) {\n${lines.join('\n')}\n}`)
    return name
  }
}

function writerMethod(kind: 'string' | 'bytes', flexible: boolean, nullable: boolean): string {
  const noun = kind === 'string' ? 'String' : 'Bytes'
  if (flexible) return nullable ? `compactNullable${noun}` : `compact${noun}`
  return nullable ? `nullable${noun}` : kind
}
