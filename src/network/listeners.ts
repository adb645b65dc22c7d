import type { Engine } from '../native/engine.js'
import { isWildcard, type ListenerAddress } from './listener-address.js'

export interface Listener extends ListenerAddress {
  readonly handle: number
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** How the client reached us: what a listener without a fixed address advertises. */
export interface Dialled {
  readonly listenerName: string
  readonly localAddress: string
  readonly localPort: number
}

/**
 * The broker's open ports. A listener advertises its explicit address when there is one, else its own host, and
 * for a wildcard host the address the asking client dialled: that one reached us, whatever the network between.
 */
export class Listeners {
  private readonly open: Listener[] = []
  private readonly names: string[] = []

  constructor(private readonly engine: Engine) {}

  /** Binds all or throws the first error, with those already bound closed again. */
  async bind(addresses: readonly ListenerAddress[], { backlog }: { backlog: number }): Promise<void> {
    try {
      for (const address of addresses) {
        const { host, port } = address
        const bound = await this.engine.listen({ host: host === '' ? '0.0.0.0' : host, port, backlog })
        this.names[bound.listener] = address.name
        this.open.push({ ...address, port: bound.port, handle: bound.listener })
      }
    } catch (error) {
      await this.close()
      throw error
    }
  }

  nameOf(handle: number): string {
    return this.names[handle] ?? 'UNKNOWN'
  }

  list(): readonly Listener[] {
    return this.open
  }

  /** Where clients of this listener find us; the port is the bound one where the configured one was 0. */
  endpointFor(client: Dialled): Endpoint {
    const listener = this.open.find(({ name }) => name === client.listenerName)
    if (listener === undefined || (listener.advertised === null && isWildcard(listener.host))) {
      return { host: client.localAddress.replace(/^::ffff:/, ''), port: client.localPort }
    }
    const { host, port } = listener.advertised ?? listener
    return { host, port: port === 0 ? listener.port : port }
  }

  async close(): Promise<void> {
    for (const { handle } of this.open.splice(0)) await this.engine.closeListener(handle)
  }
}
