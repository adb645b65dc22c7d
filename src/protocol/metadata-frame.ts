import { decode, encode } from './compile.js'
import { ProtocolError } from './protocol-error.js'
import { Reader } from './reader.js'
import type { Draft, Infer, Schema } from './schema.js'
import { Writer } from './writer.js'

/*
 * Value of a record in __cluster_metadata:
 *
 *   frame version   uvarint   1
 *   record type     uvarint   the schema's key
 *   record version  uvarint
 *   body                      by schema and version
 */
const FRAME_VERSION = 1

const reader = new Reader()
const writer = new Writer(1024)

export function encodeMetadataRecord<S extends Schema>(schema: S, version: number, value: Draft<S>): Buffer {
  writer.reset()
  writer.uvarint(FRAME_VERSION)
  writer.uvarint(schema.key)
  writer.uvarint(version)
  encode(schema, version, writer, value)
  return Buffer.from(writer.bytesWritten())
}

/** The record type, by which its schema is chosen. */
export function metadataRecordTypeOf(record: Buffer): number {
  reader.reset(record, 0, record.length)
  return frameType()
}

export function decodeMetadataRecord<S extends Schema>(schema: S, record: Buffer): Infer<S> {
  reader.reset(record, 0, record.length)
  const type = frameType()
  if (type !== schema.key) throw new ProtocolError('INVALID_RECORD', `record type ${type}, not ${schema.key}`)
  return decode(schema, reader.uvarint(), reader)
}

function frameType(): number {
  const frameVersion = reader.uvarint()
  if (frameVersion !== FRAME_VERSION) {
    throw new ProtocolError('UNSUPPORTED_VERSION', `metadata frame version ${frameVersion}`)
  }
  return reader.uvarint()
}
