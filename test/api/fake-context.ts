// The context a handler sees, with what it did written down.

import type { AttachOptions, RequestContext } from '../../src/api/api.js'
import { FrameVerdict } from '../../src/native/engine.js'
import type { World } from '../sim/world.js'

export class FakeContext<Response> implements RequestContext<Response> {
  readonly apiKey = 0
  readonly correlationId = 1
  readonly frame = 1
  readonly verdict = FrameVerdict.Failed
  connected = true
  readonly client
  readonly replies: Response[] = []
  silent = 0
  disconnected: string | null = null
  private readonly listeners: (() => void)[] = []

  constructor(
    private readonly world: World,
    readonly apiVersion: number,
    clientId: string | null = 'test',
  ) {
    this.client = {
      connection: 1,
      clientId,
      host: '127.0.0.1',
      principal: 'User:ANONYMOUS',
      listenerName: 'PLAINTEXT',
      localAddress: '127.0.0.1',
      localPort: 9092,
      softwareName: 'test',
      softwareVersion: '1',
    }
  }

  respond(response: Response): void {
    this.replies.push(response)
  }

  /** As the engine does: the reply leaves with the last append, or the failure's when one was refused. */
  respondAfterAppends(response: Response, appends: AttachOptions<Response>): void {
    this.world.tickets.settle(this.world.engine, appends, (ok) => {
      this.replies.push(ok ? response : appends.onFailure())
    })
  }

  respondNothing(): void {
    this.silent++
  }

  disconnect(reason: string): void {
    this.disconnected = reason
    this.connected = false
  }

  onDisconnect(listener: () => void): void {
    this.listeners.push(listener)
  }

  leave(): void {
    this.connected = false
    for (const listener of this.listeners) listener()
  }
}
