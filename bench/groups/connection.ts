import { connect, type Socket } from 'node:net'
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

export type Call<Q extends Schema, R extends Schema> = readonly [request: Q, response: R, version: number]

const writer = new Writer(65_536)
const header = new RequestHeaderView()
const reader = new Reader()

/** A whole request frame with correlation id 0, for those who send the same one again and again. */
export function frameOf<Q extends Schema>([request, , version]: Call<Q, Schema>, body: Draft<Q>): Buffer {
  writer.reset()
  Object.assign(header, { apiKey: request.key, apiVersion: version, correlationId: 0, clientId: 'bench' })
  beginRequest(writer, header)
  encode(request, version, writer, body)
  endFrame(writer)
  return Buffer.from(writer.bytesWritten())
}

/** One socket of a simulated client. A broker answers in order, so the oldest request is the one answered. */
export class Connection {
  readonly #socket: Socket
  readonly #waiting: ((frame: Buffer) => void)[] = []
  #chunks: Buffer[] = []
  #received = 0
  #ended = false

  static open(bootstrap: string): Promise<Connection> {
    const colon = bootstrap.lastIndexOf(':')
    const socket = connect({ host: bootstrap.slice(0, colon), port: Number(bootstrap.slice(colon + 1)) })
    socket.setNoDelay(true)
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('connect', () => resolve(new Connection(socket)))
    })
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.removeAllListeners('error')
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.#waiting.length > 0 && !this.#ended) throw new Error('the broker closed a connection')
    })
  }

  async call<Q extends Schema, R extends Schema>(call: Call<Q, R>, body: Draft<Q>): Promise<Infer<R>> {
    return answerOf(call, await this.exchange(frameOf(call, body)))
  }

  /** Sends a whole frame; resolves to the answer without its size. */
  exchange(frame: Buffer): Promise<Buffer> {
    this.#socket.write(frame)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    this.#ended = true
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#received += chunk.length
    if (this.#chunks.length > 1 && this.#received < this.#wanted()) return
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE()) {
      const end = 4 + bytes.readInt32BE()
      this.#waiting.shift()?.(bytes.subarray(4, end))
      bytes = bytes.subarray(end)
    }
    this.#chunks = bytes.length > 0 ? [bytes] : []
    this.#received = bytes.length
  }

  /** Size of the frame that is coming in, as far as it is known; it keeps large answers from being copied often. */
  #wanted(): number {
    const first = this.#chunks[0] as Buffer
    return first.length >= 4 ? 4 + first.readInt32BE() : 4
  }
}

export function answerOf<R extends Schema>([, response, version]: Call<Schema, R>, frame: Buffer): Infer<R> {
  reader.reset(frame, 0, frame.length)
  reader.int32()
  if (responseHeaderVersion(response.key, version) === 1) reader.skipTags()
  return decode(response, version, reader)
}
