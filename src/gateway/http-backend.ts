// The HTTP server behind the gateway: uWebSockets.js where its binary fits this Node, else Node's own.

import type { Logger } from '../base/logger.js'
import { nodeBackend } from './node-backend.js'
import { uwsBackend } from './uws-backend.js'

export interface HttpReply {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Answers at once; the gateway has nothing to wait for. `path` comes without its query. */
export type HttpHandler = (method: string, path: string) => HttpReply

export interface HttpAddress {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
}

export interface HttpBackend {
  readonly name: string
  /** Rejects with the system's error code when the address cannot be had. */
  listen(address: HttpAddress): Promise<{ port: number }>
  /** Open connections are ended. */
  close(): Promise<void>
}

export async function openHttpBackend(handler: HttpHandler, logger: Logger): Promise<HttpBackend> {
  try {
    return await uwsBackend(handler)
  } catch (error) {
    // It ships binaries for some Node versions only, and the plain server does all the gateway needs.
    logger.debug('uWebSockets.js did not load, using node:http', { reason: (error as Error).message })
    return nodeBackend(handler)
  }
}
