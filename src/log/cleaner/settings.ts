import type { BrokerConfig } from '../../config/broker-config.js'

/** The broker's settings of compaction; each is read when it is needed, for all but the first can change. */
export interface CleanerSettings {
  readonly enabled: boolean
  readonly threads: number
  readonly backoffMs: number
  /** Calls back when `backoffMs` changed; what it returns ends that. */
  watchBackoff(changed: () => void): () => void
  /** For all threads together. */
  readonly mapBytes: number
  readonly loadFactor: number
  readonly bufferBytes: number
  readonly bytesPerSecond: number
}

export function cleanerSettings(config: BrokerConfig): CleanerSettings {
  return {
    enabled: config.boolean('log.cleaner.enable'),
    get threads() {
      return config.number('log.cleaner.threads')
    },
    get backoffMs() {
      return config.number('log.cleaner.backoff.ms')
    },
    watchBackoff: (changed) => config.watch('log.cleaner.backoff.ms', changed),
    get mapBytes() {
      return config.number('log.cleaner.dedupe.buffer.size')
    },
    get loadFactor() {
      return config.number('log.cleaner.io.buffer.load.factor')
    },
    get bufferBytes() {
      return config.number('log.cleaner.io.buffer.size')
    },
    get bytesPerSecond() {
      return config.number('log.cleaner.io.max.bytes.per.second')
    },
  }
}

export const NO_CLEANING: CleanerSettings = {
  enabled: false,
  threads: 0,
  backoffMs: 15_000,
  watchBackoff: () => () => {},
  mapBytes: 0,
  loadFactor: 0.9,
  bufferBytes: 0,
  bytesPerSecond: Number.MAX_VALUE,
}
