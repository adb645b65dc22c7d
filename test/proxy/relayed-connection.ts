import { connect, type Socket } from 'node:net'
import type { DelayingProxy, HeldFrame, Rule } from './delaying-proxy.js'
import { FrameCutter, readdressed } from './frames.js'

/** A request whose answer is due. */
interface Asked {
  readonly apiKey: number
  readonly apiVersion: number
  readonly rule: Rule | null
  readonly answered?: (answer: Buffer) => void
}

/** One connection of a client, relayed frame by frame. Brokers answer in order, so the oldest asked is answered. */
export class RelayedConnection {
  private upstream: Socket
  private readonly asked: Asked[] = []
  /** Frames behind a held one, itself first; empty while nothing is held. */
  private readonly stalled: { readonly frame: Buffer; readonly asked: Asked }[] = []
  private holding = false
  private readonly fromClient = new FrameCutter((frame) => this.request(frame))

  constructor(
    private readonly proxy: DelayingProxy,
    private readonly client: Socket,
    private readonly over: () => void,
  ) {
    this.upstream = this.open()
    client.setNoDelay(true)
    client.on('data', (chunk) => this.fromClient.take(chunk))
    client.on('error', () => client.destroy())
    client.on('close', () => {
      if (!this.holding) this.destroy()
    })
  }

  destroy(): void {
    this.client.destroy()
    this.upstream.destroy()
    this.over()
  }

  private open(): Socket {
    const [host, port] = this.proxy.target.split(':') as [string, string]
    const socket = connect({ host, port: Number(port) })
    const fromBroker = new FrameCutter((frame) => this.answer(frame))
    socket.setNoDelay(true)
    socket.on('data', (chunk) => fromBroker.take(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      if (socket !== this.upstream) return
      this.asked.length = 0
      this.client.destroy()
    })
    return socket
  }

  private request(frame: Buffer): void {
    const apiKey = frame.readInt16BE(4)
    const apiVersion = frame.readInt16BE(6)
    const rule = this.holding ? null : this.proxy.take(apiKey)
    const asked = { apiKey, apiVersion, rule }
    if (rule?.kind === 'hold') {
      this.hold(frame, asked, rule)
      return
    }
    if (rule?.kind === 'lose') {
      this.client.destroy()
      rule.met(null)
      return
    }
    if (rule?.kind === 'repeat') rule.met({ apiKey, deliver: () => this.deliverCopy(frame) })
    const holdMs = this.holding || rule !== null ? 0 : this.proxy.chance(apiKey)
    if (holdMs > 0) this.hold(frame, asked, { met: (held) => setTimeout(() => void held?.deliver(), holdMs) })
    else if (this.holding) this.stalled.push({ frame, asked })
    else this.send(frame, asked)
  }

  private hold(frame: Buffer, asked: Asked, { met }: Pick<Rule, 'met'>): void {
    this.holding = true
    let answered: (answer: Buffer) => void = () => {}
    const answer = new Promise<Buffer>((resolve) => {
      answered = resolve
    })
    this.stalled.push({ frame, asked: { ...asked, rule: null, answered } })
    const held: HeldFrame = {
      apiKey: asked.apiKey,
      deliver: () => {
        this.release()
        return answer
      },
    }
    met(held)
  }

  private async deliverCopy(frame: Buffer): Promise<Buffer> {
    const [host, port] = this.proxy.target.split(':') as [string, string]
    const socket = connect({ host, port: Number(port) })
    try {
      return await new Promise((resolve, reject) => {
        const answers = new FrameCutter((answer) => resolve(answer.subarray(4)))
        socket.on('data', (chunk) => answers.take(chunk))
        socket.on('error', reject)
        socket.on('close', () => reject(new Error('the broker closed the connection')))
        socket.write(frame)
      })
    } finally {
      socket.destroy()
    }
  }

  private release(): void {
    if (!this.holding) return
    this.holding = false
    if (this.upstream.destroyed) this.upstream = this.open()
    for (const { frame, asked } of this.stalled.splice(0)) this.send(frame, asked)
  }

  private send(frame: Buffer, asked: Asked): void {
    // Who wants no acknowledgement of a produce gets no answer.
    this.asked.push(asked)
    this.upstream.write(frame)
  }

  private answer(frame: Buffer): void {
    const asked = this.asked.shift()
    if (asked === undefined) return
    asked.answered?.(frame.subarray(4))
    if (asked.rule?.kind === 'lose answer') {
      this.client.destroy()
      asked.rule.met(null)
      return
    }
    if (!this.client.destroyed) this.client.write(readdressed(frame, asked, this.proxy.port))
    else if (this.asked.length === 0) this.destroy()
  }
}
