import { ApiKey, isFlexible } from './api-key.js'
import type { Reader } from './reader.js'
import { data, int16, int32, string } from './schema.js'
import type { Writer } from './writer.js'

/*
 * A frame is int32 size, header, body.
 *
 *   request header v1   apiKey int16, apiVersion int16, correlationId int32, clientId nullable string
 *   request header v2   v1 + tagged section; clientId keeps its int16 length
 *   response header v0  correlationId int32
 *   response header v1  v0 + tagged section
 *
 * The newer header goes with the flexible versions of an api. The ApiVersions response always has header v0:
 * a client that asked with a version the broker does not know must be able to read the answer.
 */
export function requestHeaderVersion(apiKey: number, apiVersion: number): 1 | 2 {
  return isFlexible(apiKey, apiVersion) ? 2 : 1
}

export function responseHeaderVersion(apiKey: number, apiVersion: number): 0 | 1 {
  return apiKey !== ApiKey.ApiVersions && isFlexible(apiKey, apiVersion) ? 1 : 0
}

/** For writing a request header, and the parity test; reading goes through `decodeRequestHeader`. */
export const RequestHeader = data(
  { valid: [1, 2], flexible: 2 },
  {
    requestApiKey: int16(),
    requestApiVersion: int16(),
    correlationId: int32(),
    clientId: string({ nullable: true, flexible: false }),
  },
)

export const ResponseHeader = data({ valid: [0, 1], flexible: 1 }, { correlationId: int32() })

/** Reused from request to request: copy what must outlive the next decode. */
export class RequestHeaderView {
  apiKey = 0
  apiVersion = 0
  correlationId = 0
  clientId: string | null = null
}

/** Reads what every header version starts with, so that the api can be checked first. Sets `clientId` to null. */
export function peekRequestHeader(reader: Reader, header: RequestHeaderView): void {
  header.apiKey = reader.int16()
  header.apiVersion = reader.int16()
  header.correlationId = reader.int32()
  header.clientId = null
}

/** Reads the rest of the header after `peekRequestHeader` and leaves the reader at the body. */
export function finishRequestHeader(reader: Reader, header: RequestHeaderView): void {
  header.clientId = reader.nullableString()
  if (requestHeaderVersion(header.apiKey, header.apiVersion) === 2) reader.skipTags()
}

export function decodeRequestHeader(reader: Reader, header: RequestHeaderView): void {
  peekRequestHeader(reader, header)
  finishRequestHeader(reader, header)
}

/** Writes the size placeholder and header of a response; `endFrame` fills in the size. */
export function beginResponse(writer: Writer, header: RequestHeaderView): void {
  writer.int32(0)
  writer.int32(header.correlationId)
  if (responseHeaderVersion(header.apiKey, header.apiVersion) === 1) writer.uvarint(0)
}

/** Writes the size placeholder and header of a request; `endFrame` fills in the size. */
export function beginRequest(writer: Writer, header: RequestHeaderView): void {
  writer.int32(0)
  writer.int16(header.apiKey)
  writer.int16(header.apiVersion)
  writer.int32(header.correlationId)
  writer.nullableString(header.clientId)
  if (requestHeaderVersion(header.apiKey, header.apiVersion) === 2) writer.uvarint(0)
}

/** The frame must have begun at the writer's start. Slices count towards its size. */
export function endFrame(writer: Writer): void {
  writer.patchInt32(0, writer.length - 4 + writer.sliceBytes)
}
