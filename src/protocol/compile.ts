import { emitDecoder } from './emit-decoder.js'
import { emitEncoder } from './emit-encoder.js'
import { ProtocolError } from './protocol-error.js'
import type { Reader } from './reader.js'
import type { Draft, Infer, Schema } from './schema.js'
import { planOf } from './version-plan.js'
import type { Writer } from './writer.js'

/** Straight-line functions for one schema at one version. */
export type Codec<S extends Schema> = {
  decode(reader: Reader): Infer<S>
  encode(writer: Writer, value: Draft<S>): void
}

/** Reads one message body; throws ProtocolError on malformed bytes. Bytes after the message are left unread. */
export function decode<S extends Schema>(schema: S, version: number, reader: Reader): Infer<S> {
  return codecOf(schema, version).decode(reader)
}

/** Appends one message body to the writer. */
export function encode<S extends Schema>(schema: S, version: number, writer: Writer, value: Draft<S>): void {
  codecOf(schema, version).encode(writer, value)
}

/** The codec of a version, compiled on first use and kept in the schema. */
export function codecOf<S extends Schema>(schema: S, version: number): Codec<S> {
  return (schema.codecs[version] as Codec<S> | undefined) ?? compile(schema, version)
}

/**
 * The same message with a codec that reads it into, or writes it from, something else than an object: for a hot message
 * with so many parts that an object for each costs more than what is done with them.
 */
export function withCodec(
  schema: Schema,
  codec: (version: number) => {
    decode?(reader: Reader): unknown
    // biome-ignore lint/suspicious/noExplicitAny: what is written is the codec's own business.
    encode?(writer: Writer, value: any): void
  },
): Schema {
  const codecs: unknown[] = []
  for (let version = schema.first; version <= schema.last; version++) codecs[version] = codec(version)
  return { ...schema, codecs }
}

/*
 * The source text is made from our own schemas alone: field names are checked to be identifiers and
 * every value travels as a constant, so no outside text can become code.
 */
function compile<S extends Schema>(schema: S, version: number): Codec<S> {
  if (!Number.isInteger(version) || version < schema.first || version > schema.last) {
    throw new ProtocolError('UNSUPPORTED_VERSION', `${schema.type} ${schema.key} has no version ${version}`)
  }
  const plan = planOf(schema, version)
  const codec = {
    decode: build(emitDecoder(plan)),
    encode: build(emitEncoder(plan)),
  } as Codec<S>
  schema.codecs[version] = codec
  return codec
}

function build({ source, constants }: { source: string; constants: unknown[] }): unknown {
  return new Function('k', source)(constants)
}
