import { ApiKey } from '../../src/protocol/api-key.js'
import { decode, encode } from '../../src/protocol/compile.js'
import {
  beginResponse,
  endFrame,
  RequestHeaderView,
  responseHeaderVersion,
} from '../../src/protocol/headers.js'
import { DescribeClusterResponse } from '../../src/protocol/messages/describe-cluster.js'
import { FindCoordinatorResponse } from '../../src/protocol/messages/find-coordinator.js'
import { MetadataResponse } from '../../src/protocol/messages/metadata.js'
import { Reader } from '../../src/protocol/reader.js'
import type { Schema } from '../../src/protocol/schema.js'
import { Writer } from '../../src/protocol/writer.js'

/** Cuts a stream into frames, size prefix included. */
export class FrameCutter {
  private rest: Buffer = Buffer.alloc(0)

  constructor(private readonly frame: (frame: Buffer) => void) {}

  take(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    while (this.rest.length >= 4) {
      const end = 4 + this.rest.readInt32BE()
      if (this.rest.length < end) return
      const frame = this.rest.subarray(0, end)
      this.rest = this.rest.subarray(end)
      this.frame(frame)
    }
  }
}

/** The answers that tell addresses. */
const TELLING: Readonly<Record<number, Schema>> = {
  [ApiKey.Metadata]: MetadataResponse,
  [ApiKey.FindCoordinator]: FindCoordinatorResponse,
  [ApiKey.DescribeCluster]: DescribeClusterResponse,
}

/** The answer as the client gets it: whatever address it tells is the proxy's. Only for a cluster of one broker. */
export function readdressed(
  frame: Buffer,
  { apiKey, apiVersion }: { readonly apiKey: number; readonly apiVersion: number },
  port: number,
): Buffer {
  const schema = TELLING[apiKey]
  if (schema === undefined) return frame
  const reader = new Reader(frame.subarray(4))
  const header = Object.assign(new RequestHeaderView(), { apiKey, apiVersion, correlationId: reader.int32() })
  if (responseHeaderVersion(apiKey, apiVersion) === 1) reader.skipTags()
  const body = decode(schema, apiVersion, reader)
  readdress(body, port)
  const writer = new Writer()
  writer.reset()
  beginResponse(writer, header)
  encode(schema, apiVersion, writer, body)
  endFrame(writer)
  return Buffer.from(writer.bytesWritten())
}

/** Every object that has a host and a port; an empty host stands for no broker. */
function readdress(value: unknown, port: number): void {
  if (Array.isArray(value)) for (const each of value) readdress(each, port)
  else if (typeof value === 'object' && value !== null) {
    const place = value as Record<string, unknown>
    if (typeof place.host === 'string' && place.host !== '' && 'port' in place) {
      place.host = '127.0.0.1'
      place.port = port
    }
    for (const each of Object.values(place)) readdress(each, port)
  }
}
