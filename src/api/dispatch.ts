import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import { RateLimited } from '../base/rate-limited.js'
import { ApiKey } from '../protocol/api-key.js'
import { decode } from '../protocol/compile.js'
import { ErrorCode } from '../protocol/errors.js'
import { finishRequestHeader, peekRequestHeader, RequestHeaderView } from '../protocol/headers.js'
import { ProtocolError } from '../protocol/protocol-error.js'
import { Reader } from '../protocol/reader.js'
import type { Draft, Schema } from '../protocol/schema.js'
import type { AnyApi } from './api.js'
import type { Channel, ReceivedFrame } from './channel.js'
import { Exchange } from './exchange.js'
import type { ApiTable } from './table.js'
import { unsupportedApiVersions } from './unsupported-api-versions.js'

export interface DispatchDependencies {
  readonly table: ApiTable
  /** Where frames lie, and how their bytes are given back. */
  readonly engine: { readonly slab: Buffer; release(frame: number): void }
  readonly clock: Clock
  readonly logger: Logger
}

export type Dispatch = (channel: Channel, received: ReceivedFrame) => void

/**
 * One received frame:
 *
 *   not a header, unknown key,       the connection is closed, nothing is answered
 *   unserved version, malformed body
 *   ApiVersions, unserved version    UNSUPPORTED_VERSION in version 0, body unread, connection stays
 *   a handler threw or rejected      our bug: logged, answered with UNKNOWN_SERVER_ERROR everywhere
 *   otherwise                        the handler's answer
 *
 * The frame's bytes are released when the synchronous part of the handler returned.
 */
export function createDispatch({ table, engine, clock, logger }: DispatchDependencies): Dispatch {
  const reader = new Reader()
  const header = new RequestHeaderView()
  const bugs = new RateLimited({ clock })

  return (channel, received) => {
    try {
      const { position, length } = received
      reader.reset(engine.slab, position, position + length)
      peekRequestHeader(reader, header)
      const api = table.find(header.apiKey)
      if (api === undefined) channel.close(`unknown api key ${header.apiKey}`)
      else if (header.apiVersion < api.min || header.apiVersion > api.max)
        refuseVersion(channel, received, api)
      else admit(channel, received, api)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      channel.close(`malformed request (api key ${header.apiKey} v${header.apiVersion}): ${error.message}`)
    } finally {
      engine.release(received.frame)
    }
  }

  function admit(channel: Channel, received: ReceivedFrame, api: AnyApi): void {
    finishRequestHeader(reader, header)
    channel.clientId = header.clientId
    const request = decode(api.requestSchema, header.apiVersion, reader)
    handle(api, request, new Exchange(channel, api, header, received))
  }

  function refuseVersion(channel: Channel, { sequence }: ReceivedFrame, api: AnyApi): void {
    if (api.key === ApiKey.ApiVersions) {
      const { connection } = channel
      const { correlationId } = header
      const target = { connection, sequence, apiKey: api.key, apiVersion: 0, correlationId }
      channel.reply(target, api.responseSchema, unsupportedApiVersions(api))
    } else {
      channel.close(`unsupported version ${header.apiVersion} of api key ${api.key}`)
    }
  }

  function handle(api: AnyApi, request: unknown, exchange: Exchange): void {
    try {
      const answer = api.handle(request, exchange)
      if (answer instanceof Promise) {
        if (!api.pipelined) exchange.mute()
        answer.then(
          (response) => answerWith(api, request, exchange, response),
          (error: unknown) => failed(api, request, exchange, error),
        )
      } else if (answer !== undefined) {
        exchange.respond(answer)
      } else if (!exchange.finished && !api.pipelined) {
        exchange.mute()
      }
    } catch (error) {
      failed(api, request, exchange, error)
    }
  }

  function answerWith(api: AnyApi, request: unknown, exchange: Exchange, response: Draft<Schema>): void {
    try {
      exchange.respond(response)
    } catch (error) {
      failed(api, request, exchange, error)
    }
  }

  function failed(api: AnyApi, request: unknown, exchange: Exchange, error: unknown): void {
    const { apiKey, apiVersion, correlationId } = exchange
    bugs.run((suppressed) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      const { clientId, host } = exchange.client
      const fields = { apiKey, apiVersion, correlationId, clientId, peer: host, suppressed, error: text }
      logger.error('request failed on a bug of the broker', fields)
    })
    if (exchange.finished) return
    try {
      exchange.respond(api.onError(request, ErrorCode.UNKNOWN_SERVER_ERROR))
    } catch {
      exchange.disconnect(`the error reply of api key ${apiKey} could not be encoded`)
    }
  }
}
