import { decode, encode } from '../../../src/protocol/compile.js'
import { Reader, Writer } from '../../../src/protocol/primitives.js'
import type { Draft, Infer, Schema } from '../../../src/protocol/schema.js'

export function encodeToBuffer<S extends Schema>(schema: S, version: number, value: Draft<S>): Buffer {
  const writer = new Writer(64).reset()
  encode(schema, version, writer, value)
  return Buffer.from(writer.bytesWritten())
}

export function encodeToHex<S extends Schema>(schema: S, version: number, value: Draft<S>): string {
  return encodeToBuffer(schema, version, value).toString('hex')
}

export function decodeBytes<S extends Schema>(schema: S, version: number, bytes: Buffer): Infer<S> {
  return decode(schema, version, new Reader(bytes))
}

export function decodeHex<S extends Schema>(schema: S, version: number, hex: string): Infer<S> {
  return decodeBytes(schema, version, Buffer.from(hex, 'hex'))
}
