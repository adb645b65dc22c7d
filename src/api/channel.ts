import type { Draft, Schema } from '../protocol/schema.js'
import type { AttachOptions, ClientInfo } from './api.js'

/** Which frame is answered, and in which dialect. */
export interface ReplyTarget {
  readonly connection: number
  readonly sequence: number
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
}

/** What dispatch needs of a connection; the network room's connection has this shape. */
export interface Channel extends ClientInfo {
  clientId: string | null
  softwareName: string
  softwareVersion: string
  readonly connected: boolean
  reply<S extends Schema>(target: ReplyTarget, schema: S, response: Draft<S>): void
  replyAfterAppends<S extends Schema>(
    target: ReplyTarget,
    schema: S,
    response: Draft<S>,
    appends: AttachOptions<Draft<S>>,
  ): void
  skip(sequence: number): void
  /** The next frame waits from now on, until `unmute`. */
  mute(): void
  unmute(): void
  close(reason: string): void
  onDisconnect(listener: () => void): void
  offDisconnect(listener: () => void): void
}

/** One received frame; `frame` is the slab handle to release. */
export interface ReceivedFrame {
  readonly sequence: number
  readonly position: number
  readonly length: number
  readonly verdict: number
  readonly frame: number
}
