import { append } from './append.js'
import { codec } from './codec.js'
import { crc32c } from './crc32c.js'
import { dispatch } from './dispatch.js'
import { door } from './door.js'
import type { MicroBench } from './harness.js'
import { indexLookup } from './index-lookup.js'
import { timingWheel } from './timing-wheel.js'

export const MICRO_BENCHES: readonly MicroBench[] = [
  codec,
  dispatch,
  append,
  door,
  timingWheel,
  crc32c,
  indexLookup,
]
