import type { Logger } from '../base/logger.js'
import type { Files } from '../native/files.js'
import { CheckpointFile, type CheckpointOffset, formatOffsets, parseOffsets } from './checkpoints.js'
import { CLEAN_SHUTDOWN, formatCleanShutdown } from './clean-shutdown.js'
import { isDeleted, isFuture, originalName, parsePartitionName } from './directory-names.js'
import { isDiskFailure } from './disk-error.js'
import type { Partition } from './partition.js'
import { SharedSync } from './shared-sync.js'

/** A partition directory found at start that no topic has claimed yet, with what the checkpoints say about it. */
export interface FoundLog {
  readonly name: string
  /** 0 when unknown: scan everything. MAX_SAFE_INTEGER after a clean stop: scan nothing. */
  readonly recoveryPoint: number
  /** Below it everything was on disk when the checkpoint was last written. */
  readonly syncedEnd: number
  /** Whether the checkpoint that says so could be read; else the two say nothing. */
  readonly checkpointed: boolean
  readonly logStartOffset: number
  /** -1 when it was never compacted. */
  readonly cleanOffset: number
}

/**
 * One entry of `log.dirs`: its lock, its checkpoints and the partitions in it. Checkpoints are written one after
 * the other and only when something changed, so an idle broker writes nothing.
 */
export class LogDirectory {
  readonly partitions = new Set<Partition>()
  readonly found = new Map<string, FoundLog>()
  /** Partitions whose logs are about to come here: the checkpoints must know them before they do. */
  readonly arriving = new Set<Partition>()
  /** By partition, the directories of moves that the last run did not finish. */
  readonly unfinishedMoves = new Map<string, string>()
  /** True when the last stop was clean. */
  clean = false
  private writes: Promise<boolean> = Promise.resolve(true)
  /** Newest content of each checkpoint, written or about to be. */
  private readonly contents = new Map<string, string>()
  /** Writes that have not begun; they take the newest content when they do. */
  private readonly queued = new Map<string, Promise<boolean>>()
  /** The last write of each checkpoint. */
  private readonly writing = new Map<string, Promise<boolean>>()
  private lock: { release(): Promise<void> } | null = null
  private readonly names = new SharedSync(() => this.files.syncDirectory(this.path))
  private failure: Error | null = null
  /** The log manager's: hears of the failure that takes the directory out of service, once. */
  onFailure: (error: Error) => void = () => {}

  constructor(
    readonly path: string,
    private readonly files: Files,
    private readonly logger: Logger,
  ) {}

  /** Why nothing of this directory is served any more; it is tried again at the next start. */
  get failed(): Error | null {
    return this.failure
  }

  fail(error: Error): void {
    if (this.failure !== null) return
    this.failure = error
    this.onFailure(error)
  }

  /** Directories made, renamed or removed below this one before the call stay so through a power cut. */
  syncNames(): Promise<void> {
    return this.names.request()
  }

  /** Takes the lock. Nothing else may be done before. */
  async open(): Promise<void> {
    await this.files.makeDirectory(this.path)
    this.lock = await this.files.lock(`${this.path}/.lock`)
  }

  /** Reads what the last run left, removes its marker and what it had deleted. */
  async load(): Promise<void> {
    this.clean = (await this.files.read(`${this.path}/${CLEAN_SHUTDOWN}`)) !== null
    if (this.clean) await this.files.remove(`${this.path}/${CLEAN_SHUTDOWN}`)
    // Else a power cut could bring the marker back, and torn logs would be trusted; or take a partition that a killed
    // run has made, with what this one acknowledges in it.
    await this.syncNames()
    const recoveryPoints = await this.readOffsets(CheckpointFile.recoveryPoint)
    const logStarts = await this.readOffsets(CheckpointFile.logStart)
    const cleanOffsets = await this.readOffsets(CheckpointFile.cleaner)
    for (const name of await this.files.list(this.path)) {
      if (isDeleted(name)) await this.files.remove(`${this.path}/${name}`)
      if (isFuture(name)) this.unfinishedMoves.set(originalName(name), name)
      if (parsePartitionName(name) === null) continue
      const syncedEnd = recoveryPoints?.get(name) ?? 0
      this.found.set(name, {
        name,
        recoveryPoint: this.clean ? Number.MAX_SAFE_INTEGER : syncedEnd,
        syncedEnd,
        checkpointed: recoveryPoints !== null,
        logStartOffset: logStarts?.get(name) ?? 0,
        cleanOffset: cleanOffsets?.get(name) ?? -1,
      })
    }
    // Where there is one from the start, one that is missing later was lost.
    if (recoveryPoints === null && this.found.size === 0) await this.writeRecoveryPoints()
  }

  /** Here and below: false when it could not be written. */
  writeRecoveryPoints(): Promise<boolean> {
    return this.write(
      CheckpointFile.recoveryPoint,
      (partition) => partition.recoveryPoint,
      (log) => log.syncedEnd,
    )
  }

  writeLogStarts(): Promise<boolean> {
    return this.write(
      CheckpointFile.logStart,
      (partition) => partition.logStartOffset,
      (log) => log.logStartOffset,
    )
  }

  writeHighWatermarks(): Promise<boolean> {
    return this.write(
      CheckpointFile.highWatermark,
      (partition) => partition.highWatermark,
      () => 0,
    )
  }

  writeCleanOffsets(): Promise<boolean> {
    return this.write(
      CheckpointFile.cleaner,
      (partition) => partition.cleanOffset,
      (log) => log.cleanOffset,
    )
  }

  async writeCheckpoints(): Promise<void> {
    await this.writeRecoveryPoints()
    await this.writeLogStarts()
    await this.writeHighWatermarks()
    await this.writeCleanOffsets()
  }

  /** After the last checkpoint; the marker must not exist while a log is open. */
  async close(options: { readonly clean: boolean }): Promise<void> {
    const { lock } = this
    this.lock = null
    if (options.clean && this.failure === null)
      await this.files.replace(`${this.path}/${CLEAN_SHUTDOWN}`, formatCleanShutdown(-1))
    await lock?.release()
  }

  /** Null when there is none that can be read. */
  private async readOffsets(file: string): Promise<Map<string, number> | null> {
    const content = await this.files.read(`${this.path}/${file}`)
    if (content === null) return null
    const offsets = parseOffsets(content.toString())
    if (offsets === null)
      this.logger.warn('checkpoint is unreadable and ignored', { directory: this.path, file })
    return offsets
  }

  /** Entries that are 0 say nothing and are left out; so a partition nobody wrote to costs nothing here. */
  private write(
    file: string,
    offsetOf: (partition: Partition) => number,
    unclaimed: (log: FoundLog) => number,
  ): Promise<boolean> {
    const entries: CheckpointOffset[] = []
    for (const partition of [...this.partitions, ...this.arriving]) {
      const offset = offsetOf(partition)
      if (offset > 0) entries.push({ topic: partition.topic, partition: partition.partition, offset })
    }
    for (const log of this.found.values()) {
      const identity = parsePartitionName(log.name)
      const offset = unclaimed(log)
      if (identity !== null && offset > 0) entries.push({ ...identity, offset })
    }
    if (this.failure !== null) return Promise.resolve(false)
    const content = formatOffsets(entries)
    if (this.contents.get(file) === content) return this.writing.get(file) ?? Promise.resolve(true)
    this.contents.set(file, content)
    return this.queued.get(file) ?? this.enqueue(file)
  }

  private enqueue(file: string): Promise<boolean> {
    const write = this.writes.then(() => {
      this.queued.delete(file)
      return this.replace(file, this.contents.get(file) ?? '')
    })
    this.queued.set(file, write)
    this.writing.set(file, write)
    this.writes = write
    return write
  }

  private async replace(file: string, content: string): Promise<boolean> {
    try {
      await this.files.replace(`${this.path}/${file}`, content)
      return true
    } catch (error) {
      // The next call tries again even if nothing has changed by then. Newer content waits in the queue already.
      if (this.contents.get(file) === content) this.contents.delete(file)
      const fields = { directory: this.path, file, error: String(error) }
      this.logger.error('checkpoint was not written, a crash now costs a longer recovery', fields)
      if (isDiskFailure(error)) this.fail(error as Error)
      return false
    }
  }
}
