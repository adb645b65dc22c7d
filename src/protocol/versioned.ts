import { decode, encode } from './compile.js'
import { ProtocolError } from './protocol-error.js'
import { Reader } from './reader.js'
import type { Draft, Infer, Schema } from './schema.js'
import { Writer } from './writer.js'

/*
 * Small blobs that begin with an int16: values of coordinator records and the consumer embedded protocol
 * (version, then fields), keys of coordinator records (record type, then the fields of version 0).
 *
 * The reader and writer are shared because nothing here can be interrupted: every function leaves with a copy.
 */
const reader = new Reader()
const writer = new Writer(1024)

export function encodeVersioned<S extends Schema>(schema: S, version: number, value: Draft<S>): Buffer {
  writer.reset()
  writer.int16(version)
  encode(schema, version, writer, value)
  return Buffer.from(writer.bytesWritten())
}

/** Refuses a version the schema does not have: a stored record must not be half understood. */
export function decodeVersioned<S extends Schema>(schema: S, blob: Buffer): Infer<S> {
  reader.reset(blob, 0, blob.length)
  return decode(schema, reader.int16(), reader)
}

/** Reads a version above the newest known one as that one: newer clients only append fields. */
export function decodeVersionedPrefix<S extends Schema>(schema: S, blob: Buffer): Infer<S> {
  reader.reset(blob, 0, blob.length)
  return decode(schema, Math.min(reader.int16(), schema.last), reader)
}

export function encodeRecordKey<S extends Schema>(schema: S, key: Draft<S>): Buffer {
  writer.reset()
  writer.int16(schema.key)
  encode(schema, 0, writer, key)
  return Buffer.from(writer.bytesWritten())
}

/** The record type a coordinator key begins with, by which its schema is chosen. */
export function recordTypeOf(key: Buffer): number {
  return reader.reset(key, 0, key.length).int16()
}

export function decodeRecordKey<S extends Schema>(schema: S, key: Buffer): Infer<S> {
  reader.reset(key, 0, key.length)
  const type = reader.int16()
  if (type !== schema.key) throw new ProtocolError('INVALID_RECORD', `record type ${type}, not ${schema.key}`)
  return decode(schema, 0, reader)
}
