// Question: what does it cost the script to say something to the engine?
// Unit: one verb. `inspect` crosses at once with two numbers; the hot verbs only write into shared memory and cross
// together when they are flushed, `burst` of them at a time. The connection of the commands does not exist, so the
// reactor has nothing to do but to read them.

import type { Engine } from '../../src/native/engine.js'
import { openEngine } from './engine.js'
import { type MicroBench, mix, type Subject } from './harness.js'

/** A handle that was never given out; the engine ignores what is said to it. */
const NOBODY = 19_999

export const door: MicroBench = {
  name: 'door',
  question: 'What does it cost the script to say something to the engine?',
  unit: 'verb',
  parameters: {
    repeats: { small: 2, real: 1_000 },
    burst: { small: 2, real: 64 },
    replyBytes: { small: 20, real: 60 },
  },
  open({ repeats = 0, burst = 0, replyBytes = 0 }) {
    const engine = openEngine()
    const subjects = [
      calling(engine, repeats),
      flushed('skip, flushed one by one', repeats, 1, engine, (i) => engine.skip(NOBODY, i)),
      flushed(`skip, ${burst} to a flush`, repeats, burst, engine, (i) => engine.skip(NOBODY, i)),
      flushed(`send of ${replyBytes} B, ${burst} to a flush`, repeats, burst, engine, (i) => {
        const start = engine.outboxStart()
        engine.outbox.fill(i & 0xff, start, start + replyBytes)
        engine.send(NOBODY, i, start, start + replyBytes, null)
      }),
    ]
    return { subjects, close: () => engine.stop() }
  },
}

function calling(engine: Engine, repeats: number): Subject {
  engine.slab.fill(0, 0, 64)
  return {
    name: 'call with two numbers and a result (inspect)',
    operations: repeats,
    run() {
      let hash = 0
      for (let i = 0; i < repeats; i++) hash = mix(hash, engine.inspect(0, 32))
      return hash
    },
  }
}

function flushed(
  name: string,
  repeats: number,
  burst: number,
  engine: Engine,
  say: (index: number) => void,
): Subject {
  return {
    name,
    operations: repeats,
    run() {
      let hash = 0
      for (let i = 0; i < repeats; i++) {
        say(i)
        if ((i + 1) % burst === 0) engine.flush()
        hash = mix(hash, i)
      }
      engine.flush()
      return hash
    },
  }
}
