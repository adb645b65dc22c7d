// Question: what does it cost to sum a batch in the script, and to have the engine check one in place?
// Unit: one batch. Coordinators sum their own small batches in the script; client batches are checked natively.

import { Inspection } from '../../src/native/engine.js'
import { crc32c as sum } from '../../src/protocol/records/crc32c.js'
import { openEngine } from './engine.js'
import { type MicroBench, mix, type Subject } from './harness.js'
import { batchOf } from './messages.js'

export const crc32c: MicroBench = {
  name: 'crc32c',
  question: 'What does a checksum cost in the script, and through the door?',
  unit: 'batch',
  parameters: {
    repeats: { small: 2, real: 50 },
    smallBytes: { small: 100, real: 1_024 },
    largeBytes: { small: 200, real: 65_536 },
  },
  open({ repeats = 0, smallBytes = 0, largeBytes = 0 }) {
    const engine = openEngine()
    const subjects = [smallBytes, largeBytes].flatMap((bytes): Subject[] => {
      const batch = batchOf(bytes)
      batch.copy(engine.slab)
      return [
        {
          name: `script ${bytes} B`,
          operations: repeats,
          run() {
            let hash = 0
            for (let i = 0; i < repeats; i++) hash = mix(hash, sum(batch, 21))
            return hash
          },
        },
        {
          name: `engine.inspect ${bytes} B`,
          operations: repeats,
          run() {
            // The other size may have been there before.
            batch.copy(engine.slab)
            let valid = 0
            for (let i = 0; i < repeats; i++) {
              if (engine.inspect(0, batch.length) === Inspection.Valid) valid++
            }
            return mix(valid, batch.length)
          },
        },
      ]
    })
    return { subjects, close: () => engine.stop() }
  },
}
