// One attacking connection after the other: each sends damaged frames until the broker closes it.

import { connect } from 'node:net'
import type { Random } from '../../src/base/random.js'
import { mutated } from './mutate.js'

/** A frame with a lying size leaves the broker waiting for bytes, which only a new connection ends. */
const FRAMES_PER_CONNECTION_MAX = 8
const CONNECTION_MS_MAX = 250

export interface Budget {
  left: number
}

export async function attack(
  port: number,
  frames: readonly Buffer[],
  random: Random,
  budget: Budget,
): Promise<void> {
  while (budget.left > 0) await oneConnection(port, frames, random, budget)
}

function oneConnection(
  port: number,
  frames: readonly Buffer[],
  random: Random,
  budget: Budget,
): Promise<void> {
  return new Promise((done, failed) => {
    // Spread over loopback addresses, so that ports of closed connections do not run out.
    const localAddress = `127.0.0.${2 + random.int(200)}`
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    const timer = setTimeout(() => socket.destroy(), CONNECTION_MS_MAX)
    socket.once('connect', () => {
      const count = 1 + random.int(FRAMES_PER_CONNECTION_MAX)
      // Frames behind a refused one are never read, so only the first of a burst counts.
      budget.left--
      const burst = Array.from({ length: count }, () => mutated(frames, random))
      socket.end(Buffer.concat(burst))
    })
    socket.resume()
    let refused = false
    socket.on('error', (error: NodeJS.ErrnoException) => {
      refused = error.code === 'ECONNREFUSED'
    })
    socket.once('close', () => {
      clearTimeout(timer)
      if (refused) failed(new Error('the broker no longer accepts connections'))
      else done()
    })
  })
}
