import { createEngine, defaultEngineOptions } from '../../src/native/binding.js'
import type { Engine, EngineEvents } from '../../src/native/engine.js'
import { NO_EVENTS } from '../../src/native/events.js'

/** A started engine with room for a benchmark and no more. */
export function openEngine(events: Partial<EngineEvents> = {}): Engine {
  const options = { ...defaultEngineOptions(), networkThreads: 1, logThreads: 1, slabBytes: 64 << 20 }
  const engine = createEngine({ ...options, frameBytesMax: 1 << 20 })
  engine.start({ ...NO_EVENTS, ...events })
  return engine
}
