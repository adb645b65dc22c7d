import type { RecordsRange } from './reader.js'
import type { RecordsInput } from './writer.js'

/**
 * The language messages are described in: one schema says what every version of a message holds.
 *
 * A decoded object has the same shape for every version; a field the version lacks, or a tagged field the
 * sender left out, holds its default: `default` if given, else 0, false, '', [], the zero uuid, a struct of
 * defaults, or null for records. Default structs are shared and frozen.
 *
 * For encoding (`Draft`) a field may be left out when it has a `default`, a `tag`, or does not exist in all
 * versions. Fields the version lacks are ignored.
 */
export type FieldOptions<T = unknown> = {
  /** First and last version with the field; unbounded where absent. */
  readonly since?: number
  readonly until?: number
  readonly nullable?: boolean
  /** First version that allows null, when later than `since`. */
  readonly nullableSince?: number
  readonly default?: T | null
  /** Number in the tagged section, where the field then stands in every version that has it. */
  readonly tag?: number
  /** False keeps the classic encoding inside a flexible message. */
  readonly flexible?: false
}

export type ScalarKind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'bits64'
  | 'float64'
  | 'uuid'
export type Kind = ScalarKind | 'string' | 'bytes' | 'records' | 'array' | 'struct'

declare const decoded: unique symbol
declare const draft: unique symbol

export interface Field<T = unknown, D = T, Optional extends boolean = boolean> {
  readonly kind: Kind
  readonly options: FieldOptions
  /** Of a struct. */
  readonly fields?: Fields
  /** Of an array. */
  readonly element?: Field
  readonly optional: Optional
  readonly [decoded]?: T
  readonly [draft]?: D
}

export type Fields = { readonly [name: string]: Field }

/** `first` and `last` versions, and the first flexible one (Infinity when there is none). */
export type Schema<F extends Fields = Fields> = {
  readonly type: 'request' | 'response' | 'data'
  /** The api key, or for data the record type; -1 when it has none. */
  readonly key: number
  readonly first: number
  readonly last: number
  readonly flexibleSince: number
  readonly fields: F
  /** Filled by compile.ts, indexed by version. */
  readonly codecs: unknown[]
}

export type Infer<S> = S extends Schema<infer F> ? Decoded<F> : never
export type Draft<S> = S extends Schema<infer F> ? Drafted<F> : never

type Simplify<T> = { [K in keyof T]: T[K] }
type DecodedField<F> = F extends Field<infer T, infer _D, infer _O> ? T : never
type DraftField<F> = F extends Field<infer _T, infer D, infer _O> ? D : never
type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K]['optional'] extends true ? K : never }[keyof F]
type Decoded<F extends Fields> = { -readonly [K in keyof F]: DecodedField<F[K]> }
type Drafted<F extends Fields> = Simplify<
  { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: DraftField<F[K]> } & {
    readonly [K in OptionalKeys<F>]?: DraftField<F[K]>
  }
>

type Nullable<T, O> = O extends { nullable: true } | { nullableSince: number } ? T | null : T
type Omittable = { since: number } | { until: number } | { tag: number } | { default: unknown }
type IsOptional<O> = O extends Omittable ? true : false
type Built<T, D, O> = Field<Nullable<T, O>, Nullable<D, O>, IsOptional<O>>
type Plain<O> = Field<O, O, false>

type VersionRange = { readonly valid: readonly [number, number]; readonly flexible?: number }

export function request<const F extends Fields>(key: number, range: VersionRange, fields: F): Schema<F> {
  return schema('request', key, range, fields)
}

export function response<const F extends Fields>(key: number, range: VersionRange, fields: F): Schema<F> {
  return schema('response', key, range, fields)
}

/** A message outside requests and responses: a stored record, an embedded protocol, a header. */
export function data<const F extends Fields>(range: VersionRange & { key?: number }, fields: F): Schema<F> {
  return schema('data', range.key ?? -1, range, fields)
}

export const bool = scalar<boolean>('bool')
export const int8 = scalar<number>('int8')
export const int16 = scalar<number>('int16')
export const uint16 = scalar<number>('uint16')
export const int32 = scalar<number>('int32')
export const uint32 = scalar<number>('uint32')
export const int64 = scalar<number>('int64')
/** An int64 that counts for nothing: a hash, of which every bit matters. */
export const bits64 = scalar<bigint>('bits64')
export const float64 = scalar<number>('float64')
export const uuid = scalar<string>('uuid')
export const string = scalar<string>('string')
export const bytes = scalar<Buffer>('bytes')

/** Record batches, never copied on decoding. */
export function records<const O extends FieldOptions<null> = object>(
  options?: O,
): Field<RecordsRange | null, RecordsInput, IsOptional<O>> {
  return field('records', options)
}

type Element = Field | Fields
type ElementDecoded<E> = E extends Field ? DecodedField<E> : E extends Fields ? Decoded<E> : never
type ElementDraft<E> = E extends Field ? DraftField<E> : E extends Fields ? Drafted<E> : never

/** `element` is a field builder's result or the fields of a struct. */
export function array<const E extends Element, const O extends FieldOptions<readonly never[]> = object>(
  element: E,
  options?: O,
): Built<ElementDecoded<E>[], readonly ElementDraft<E>[], O> {
  return field('array', options, { element: isField(element) ? element : struct(element) })
}

export function struct<const F extends Fields, const O extends FieldOptions<null> = object>(
  fields: F,
  options?: O,
): Built<Decoded<F>, Drafted<F>, O> {
  return field('struct', options, { fields })
}

function scalar<T>(kind: Kind) {
  function build(): Plain<T>
  function build<const O extends FieldOptions<T>>(options: O): Built<T, T, O>
  function build(options?: FieldOptions): Field {
    return field(kind, options)
  }
  return build
}

function field<T, D, Optional extends boolean>(
  kind: Kind,
  options: FieldOptions = {},
  parts: { fields?: Fields; element?: Field } = {},
): Field<T, D, Optional> {
  const { since, until, tag } = options
  const optional = [since, until, tag].some((bound) => bound !== undefined) || 'default' in options
  return { kind, options, optional: optional as Optional, ...parts }
}

function isField(element: Element): element is Field {
  return typeof element.kind === 'string'
}

function schema<F extends Fields>(
  type: Schema['type'],
  key: number,
  { valid: [first, last], flexible = Number.POSITIVE_INFINITY }: VersionRange,
  fields: F,
): Schema<F> {
  return { type, key, first, last, flexibleSince: flexible, fields, codecs: [] }
}
