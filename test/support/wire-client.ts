import { connect, type Socket } from 'node:net'
import type { Draft, Infer, Schema } from '../../src/protocol/schema.js'
import { readResponse, requestFrame } from './wire.js'

/** A raw connection to a broker: whole frames in and out, and the truth about how it ended. */
export class WireClient {
  private readonly frames: Buffer[] = []
  private readonly waiting: ((frame: Buffer | null) => void)[] = []
  private received = Buffer.alloc(0)
  private correlationId = 0
  ended = false

  static open(bootstrap: string): Promise<WireClient> {
    const colon = bootstrap.lastIndexOf(':')
    const socket = connect({ host: bootstrap.slice(0, colon), port: Number(bootstrap.slice(colon + 1)) })
    socket.setNoDelay(true)
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('connect', () => resolve(new WireClient(socket)))
    })
  }

  private constructor(private readonly socket: Socket) {
    socket.removeAllListeners('error')
    socket.on('data', (chunk) => this.take(chunk))
    socket.on('error', () => this.end())
    socket.on('close', () => this.end())
  }

  /** Sends the request and reads the next frame as its answer. Throws when the broker closed instead. */
  async call<Q extends Schema, R extends Schema>(
    schemas: readonly [Q, R],
    version: number,
    body: Draft<Q>,
  ): Promise<Infer<R>> {
    return (await this.exchange(schemas, version, body)).body
  }

  /** The same, with the bytes that positions in the answer's records refer to. */
  async exchange<Q extends Schema, R extends Schema>(
    [request, response]: readonly [Q, R],
    version: number,
    body: Draft<Q>,
  ): Promise<{ body: Infer<R>; bytes: Buffer }> {
    const correlationId = ++this.correlationId
    this.write(requestFrame(request, version, body, { correlationId }))
    const frame = await this.next()
    if (frame === null) throw new Error(`connection closed, api key ${request.key} v${version}`)
    const answer = readResponse(response, version, frame)
    if (answer.correlationId !== correlationId) throw new Error('answer to another request')
    if (answer.rest !== 0) throw new Error(`${answer.rest} bytes after the answer`)
    return { body: answer.body, bytes: frame }
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  /** The next whole frame without its size, or null when the connection ended first. */
  next(): Promise<Buffer | null> {
    const frame = this.frames.shift()
    if (frame !== undefined) return Promise.resolve(frame)
    if (this.ended) return Promise.resolve(null)
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  close(): void {
    this.socket.destroy()
  }

  private take(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk])
    while (this.received.length >= 4) {
      const size = this.received.readInt32BE()
      if (this.received.length < 4 + size) return
      const frame = this.received.subarray(4, 4 + size)
      this.received = this.received.subarray(4 + size)
      const waiting = this.waiting.shift()
      if (waiting === undefined) this.frames.push(frame)
      else waiting(frame)
    }
  }

  private end(): void {
    this.ended = true
    for (const waiting of this.waiting.splice(0)) waiting(null)
  }
}
