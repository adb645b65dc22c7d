// What a request handler is. One file per API (`NN-name.ts`); `table.ts` lists them; the ApiVersions reply is
// derived from that list, so it can never advertise what is not served.
//
// A handler authorizes, maps wire to domain, calls one room and maps back. It owns no file, socket or timer.

import type { Draft, Infer, Schema } from '../protocol/schema.js'

/** The part of a connection that a handler may see. */
export interface ClientInfo {
  readonly connection: number
  readonly clientId: string | null
  /** Peer address as Kafka prints it in group descriptions, without the leading slash. */
  readonly host: string
  readonly principal: string
  readonly listenerName: string
  /** The address and port the client dialled, for listeners without an advertised one. */
  readonly localAddress: string
  readonly localPort: number
  /** What the client said of itself; set by ApiVersions. */
  softwareName: string
  softwareVersion: string
}

/** The appends a reply waits for. */
export interface AttachOptions<Response> {
  readonly ticket: number
  readonly appendCount: number
  onFailure(): Response
  /** True once the appends can no longer fail. */
  written(): boolean
}

/** One request in flight. Exactly one of the ways to finish it is used, exactly once. */
export interface RequestContext<Response> {
  readonly client: ClientInfo
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  /** Slab handle of the frame, and what the reactor found in its batches. */
  readonly frame: number
  readonly verdict: number
  /** False once the connection is gone: waiting requests drop themselves. */
  readonly connected: boolean
  respond(response: Response): void
  /**
   * The reply leaves by itself when the appends are written; `onFailure` gives the one to send if not. Nobody tells
   * when it left, so `appends` is kept until `written` says that all of them are, or for some more requests of the
   * connection.
   */
  respondAfterAppends(response: Response, appends: AttachOptions<Response>): void
  /** acks=0: nothing is sent. */
  respondNothing(): void
  /** Ends the connection without a reply. */
  disconnect(reason: string): void
  /** Called when the connection ends before the request was answered. */
  onDisconnect(listener: () => void): void
}

export interface Api<Request, Response> {
  readonly key: number
  readonly min: number
  readonly max: number
  readonly requestSchema: Schema
  readonly responseSchema: Schema
  /** The next frame of the connection may be handled before this one is answered (Produce). */
  readonly pipelined: boolean
  /**
   * Returns the reply, a promise of it, or undefined when it answers through `context` later.
   * A throw or rejection is our bug: dispatch logs it and answers with `onError`.
   */
  handle(request: Request, context: RequestContext<Response>): Response | Promise<Response> | undefined
  /** The reply that carries one error code everywhere the schema has room for it. */
  onError(request: Request, code: number): Response
}

export interface ApiDefinition<Q extends Schema, R extends Schema> {
  readonly key: number
  readonly min: number
  readonly max: number
  readonly request: Q
  readonly response: R
  readonly pipelined?: boolean
  handle(request: Infer<Q>, context: RequestContext<Draft<R>>): Draft<R> | Promise<Draft<R>> | undefined
  onError(request: Infer<Q>, code: number): Draft<R>
}

export function api<Q extends Schema, R extends Schema>(
  definition: ApiDefinition<Q, R>,
): Api<Infer<Q>, Draft<R>> {
  const { key, min, max, request, response, pipelined = false } = definition
  return {
    key,
    min,
    max,
    requestSchema: request,
    responseSchema: response,
    pipelined,
    handle: (body, context) => definition.handle(body, context),
    onError: (body, code) => definition.onError(body, code),
  }
}

/** A served api with its types forgotten: dispatch hands each handler what its own schema decoded. */
// biome-ignore lint/suspicious/noExplicitAny: a handler is contravariant in its request, and the table holds them all.
export type AnyApi = Api<any, any>
