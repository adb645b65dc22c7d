import type { Random } from '../../../src/base/random.js'
import type { DelayingProxy, HeldFrame } from '../delaying-proxy.js'

/**
 *   pass          there and back
 *   hold          it stays in the network, the client loses patience and comes back over a new connection
 *   lose          it never arrives; the client comes back
 *   lose answer   it arrives, and the answer never does; the client comes back
 *   repeat        there and back, and a copy stays in the network
 */
export type Fate = 'pass' | 'hold' | 'lose' | 'lose answer' | 'repeat'

const FATES: readonly (readonly [Fate, number])[] = [
  ['pass', 10],
  ['hold', 4],
  ['lose', 1],
  ['lose answer', 2],
  ['repeat', 2],
]
const WEIGHT = FATES.reduce((sum, [, weight]) => sum + weight, 0)

/** A bad network between some producers and the broker: draws what becomes of a frame, and keeps the late ones. */
export class Network {
  private readonly late: HeldFrame[] = []

  constructor(
    readonly proxy: DelayingProxy,
    private readonly random: Random,
    private readonly log: (line: string) => void,
  ) {}

  get lateCount(): number {
    return this.late.length
  }

  /**
   * Sends one request. Null when the client got no answer; its connection is then gone. One request at a time: the
   * frame that meets the rule is the one that is sent here.
   */
  async exchange<Reply>(apiKey: number, send: () => Promise<Reply>): Promise<Reply | null> {
    const fate = this.draw()
    if (fate !== 'pass') this.log(`  ${fate}, api key ${apiKey}`)
    switch (fate) {
      case 'pass':
        return send()
      case 'hold': {
        const held = this.proxy.hold({ apiKey })
        void send().catch(() => {})
        this.late.push(await held)
        return null
      }
      case 'repeat': {
        const held = this.proxy.repeat({ apiKey })
        const reply = await send()
        this.late.push(await held)
        return reply
      }
      default: {
        const lost = fate === 'lose' ? this.proxy.lose({ apiKey }) : this.proxy.loseAnswer({ apiKey })
        await Promise.all([lost, send().catch(() => {})])
        return null
      }
    }
  }

  /** One of the late frames arrives; resolves when the broker has dealt with it. */
  async deliver(): Promise<void> {
    const [frame] = this.late.splice(this.random.int(this.late.length), 1)
    if (frame === undefined) return
    this.log(`late: api key ${frame.apiKey}`)
    await frame.deliver()
  }

  private draw(): Fate {
    let at = this.random.int(WEIGHT)
    for (const [fate, weight] of FATES) {
      if (at < weight) return fate
      at -= weight
    }
    return 'pass'
  }
}
