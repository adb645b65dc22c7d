import { decode, encode } from '../../src/protocol/compile.js'
import {
  beginRequest,
  endFrame,
  RequestHeaderView,
  responseHeaderVersion,
} from '../../src/protocol/headers.js'
import { Reader } from '../../src/protocol/reader.js'
import type { Draft, Infer, Schema } from '../../src/protocol/schema.js'
import { Writer } from '../../src/protocol/writer.js'

/** A request schema with the response schema of the same api. */
export interface Call<Q extends Schema, R extends Schema> {
  readonly request: Q
  readonly response: R
  readonly version: number
}

/** A whole request frame, size prefix included. */
export function requestFrame<Q extends Schema>(
  schema: Q,
  version: number,
  body: Draft<Q>,
  { correlationId = 1, clientId = 'test' }: { correlationId?: number; clientId?: string | null } = {},
): Buffer {
  const writer = new Writer()
  const header = Object.assign(new RequestHeaderView(), {
    apiKey: schema.key,
    apiVersion: version,
    correlationId,
    clientId,
  })
  writer.reset()
  beginRequest(writer, header)
  encode(schema, version, writer, body)
  endFrame(writer)
  return Buffer.from(writer.bytesWritten())
}

/** Reads a response frame without its size prefix. */
export function readResponse<R extends Schema>(
  schema: R,
  version: number,
  frame: Buffer,
): { correlationId: number; body: Infer<R>; rest: number } {
  const reader = new Reader(frame)
  const correlationId = reader.int32()
  if (responseHeaderVersion(schema.key, version) === 1) reader.skipTags()
  const body = decode(schema, version, reader)
  return { correlationId, body, rest: reader.remaining }
}
