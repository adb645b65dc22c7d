import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { RelayedConnection } from './relayed-connection.js'

/** Which request frames a rule is for: the api key, and how many of them to let pass before. */
export interface FrameMatch {
  readonly apiKey: number
  readonly skip?: number
}

/** A request that did not get through: it lies where the network left it until somebody delivers it. */
export interface HeldFrame {
  readonly apiKey: number
  /** Sends it, and what the client sent behind it, to the broker; resolves to the broker's answer to it. */
  deliver(): Promise<Buffer>
}

/** What happens to the frames of one kind that come next. */
export interface Rule {
  readonly kind: 'hold' | 'lose' | 'lose answer' | 'repeat'
  readonly apiKey: number
  skip: number
  readonly met: (held: HeldFrame | null) => void
}

/** What the proxy does with a frame no rule is for; a positive number holds it for so many milliseconds. */
export type Chance = (apiKey: number) => number

/**
 * Stands between clients and one broker, knows frames and holds chosen ones back: a network that delivers late. A
 * held request keeps its place, so everything its connection sends after it waits too. When the client gives up and
 * closes the connection, the broker's side of it stays open, and what was held can still arrive there, after all that
 * the client did over other connections. If the broker was restarted meanwhile, it arrives over a new one.
 *
 * Addresses in answers are replaced by the proxy's, so that clients come back to it.
 */
export class DelayingProxy {
  readonly rules: Rule[] = []
  chance: Chance = () => 0
  private readonly connections = new Set<RelayedConnection>()

  private constructor(
    private readonly server: Server,
    /** `host:port` of the broker; may change when it is restarted. */
    public target: string,
  ) {
    server.on('connection', (socket) => this.accept(socket))
  }

  static async start(target: string, port = 0): Promise<DelayingProxy> {
    const server = createServer()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return new DelayingProxy(server, target)
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get bootstrap(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Resolves when the next such frame has come and is held. */
  hold({ apiKey, skip = 0 }: FrameMatch): Promise<HeldFrame> {
    return new Promise((resolve) => {
      this.rules.push({ kind: 'hold', apiKey, skip, met: (held) => resolve(held as HeldFrame) })
    })
  }

  /** The broker gets the next such frame, the client no answer: its connection is cut. Resolves by then. */
  loseAnswer({ apiKey, skip = 0 }: FrameMatch): Promise<void> {
    return new Promise((resolve) => {
      this.rules.push({ kind: 'lose answer', apiKey, skip, met: () => resolve() })
    })
  }

  /** The next such frame never arrives, and its connection is cut. Resolves by then. */
  lose({ apiKey, skip = 0 }: FrameMatch): Promise<void> {
    return new Promise((resolve) => {
      this.rules.push({ kind: 'lose', apiKey, skip, met: () => resolve() })
    })
  }

  /** The next such frame passes, and a copy of it stays in the network, on a way of its own. */
  repeat({ apiKey, skip = 0 }: FrameMatch): Promise<HeldFrame> {
    return new Promise((resolve) => {
      this.rules.push({ kind: 'repeat', apiKey, skip, met: (held) => resolve(held as HeldFrame) })
    })
  }

  /** The first rule for a frame, taken off the list unless it lets this one pass. */
  take(apiKey: number): Rule | null {
    const rule = this.rules.find((each) => each.apiKey === apiKey)
    if (rule === undefined) return null
    if (rule.skip > 0) {
      rule.skip--
      return null
    }
    this.rules.splice(this.rules.indexOf(rule), 1)
    return rule
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) connection.destroy()
    this.server.close()
    await once(this.server, 'close')
  }

  private accept(socket: Socket): void {
    const connection = new RelayedConnection(this, socket, () => this.connections.delete(connection))
    this.connections.add(connection)
  }
}
