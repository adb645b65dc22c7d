import type { EpochEntry } from './leader-epochs.js'

/*
 * Checkpoint files are UTF-8 text with LF: the version `0`, the number of entries, then one entry a line.
 *
 *   recovery-point-offset-checkpoint   topic partition offset   everything below is on disk
 *   log-start-offset-checkpoint        topic partition offset
 *   replication-offset-checkpoint      topic partition offset   high watermarks
 *   cleaner-offset-checkpoint          topic partition offset   compaction looked at every key below
 *   leader-epoch-checkpoint            epoch startOffset        ascending, in the partition's directory
 *
 * They are replaced as a whole, so a torn one does not occur; one that cannot be read counts as absent, because
 * each can be rebuilt from the log by scanning more of it.
 */
export const CheckpointFile = {
  recoveryPoint: 'recovery-point-offset-checkpoint',
  logStart: 'log-start-offset-checkpoint',
  highWatermark: 'replication-offset-checkpoint',
  cleaner: 'cleaner-offset-checkpoint',
  leaderEpoch: 'leader-epoch-checkpoint',
} as const

export interface CheckpointOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export function formatOffsets(entries: readonly CheckpointOffset[]): string {
  return format(entries.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`))
}

/** Offsets by `topic-partition`. Null when the content is no valid checkpoint. */
export function parseOffsets(content: string): Map<string, number> | null {
  const lines = parse(content, /^(\S+) (\d+) (\d+)$/)
  return (
    lines && new Map(lines.map(([, topic, partition, offset]) => [`${topic}-${partition}`, Number(offset)]))
  )
}

export function formatEpochs(entries: readonly EpochEntry[]): string {
  return format(entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`))
}

export function parseEpochs(content: string): EpochEntry[] | null {
  const lines = parse(content, /^(\d+) (\d+)$/)
  return (
    lines?.map(([, epoch, startOffset]) => ({ epoch: Number(epoch), startOffset: Number(startOffset) })) ??
    null
  )
}

function format(lines: readonly string[]): string {
  return `${['0', String(lines.length), ...lines].join('\n')}\n`
}

/** The last line ends as the others do: a number that was cut would be another one. */
function parse(content: string, pattern: RegExp): RegExpExecArray[] | null {
  if (!content.endsWith('\n')) return null
  const [version, count, ...lines] = content.split('\n').filter((line) => line !== '')
  if (version !== '0' || Number(count) !== lines.length) return null
  const matches = lines.map((line) => pattern.exec(line))
  return matches.every((match) => match !== null) ? matches : null
}
