import { EngineError } from '../../native/engine.js'
import { CheckpointFile, formatEpochs } from '../checkpoints.js'
import { retireDirectory } from '../delete-partition.js'
import { partitionName, retiredName } from '../directory-names.js'
import { failureScope, isDiskFailure } from '../disk-error.js'
import type { LogDirectory } from '../log-directory.js'
import type { Partition } from '../partition.js'
import { formatPartitionMetadata, PARTITION_METADATA } from '../partition-metadata.js'
import { HOLD_BYTES_MAX, STEP_BYTES_MAX, STEP_BYTES_MIN, STEP_SECONDS } from './limits.js'
import { MOVED } from './settle-moves.js'

export interface MoveOptions {
  readonly partition: Partition
  /** Asked once, when the move begins. */
  readonly source: () => LogDirectory
  readonly target: LogDirectory
  readonly bytesPerSecond: () => number
}

/**
 * One partition on its way from one log directory to another:
 *
 *   copy      into `<topic>-<partition>.<32 hex>-future` of the target, while the log is written and read
 *   catch up  until little is missing
 *   swap      small files, then the rest of the log while appends wait in its lane; the copy gets the final name
 *   retire    the old directory is renamed, and removed after a while
 *
 * A crash before the swap leaves the old directory, which alone counts. From just before the swap on, a marker in the
 * new one says that it is complete: where both are found the one with the marker stays. Until the swap the move can
 * be cancelled, and any failure leaves the partition where it was.
 */
export class ReplicaMove {
  readonly done: Promise<void>
  copiedBytes = 0
  copiedEnd = 0
  private cancelled = false
  private keep = false
  private source: LogDirectory | null = null
  private readonly future: string

  constructor(
    readonly options: MoveOptions,
    begin: (run: () => Promise<void>) => Promise<void>,
  ) {
    const { partition, target } = options
    const unique = partition.services.random.bytes(16)
    const name = partitionName(partition.topic, partition.partition)
    this.future = `${target.path}/${retiredName(name, unique, 'future')}`
    this.copiedEnd = partition.logStartOffset
    this.done = begin(() => this.run())
  }

  get target(): LogDirectory {
    return this.options.target
  }

  /** Ends with the step under way. `keep`: the next start begins it anew. */
  cancel({ keep }: { readonly keep: boolean } = { keep: false }): void {
    this.cancelled = true
    this.keep = keep
  }

  private async run(): Promise<void> {
    const { partition, target } = this.options
    const { engine, logger } = partition.services
    const source = this.options.source()
    if (source === target) return
    this.source = source
    const fields = { partition: partition.name, from: source.path, to: target.path }
    let moved = false
    try {
      moved = await this.copyAndSwap()
      if (moved) await this.retire()
    } catch (error) {
      this.blame(error)
      const event = moved
        ? 'a moved partition left its old directory behind, the next start removes it'
        : 'moving a partition to another log directory failed, it stays where it is'
      logger.error(event, { ...fields, error: String(error) })
    } finally {
      if (partition.status !== 'closed') await engine.endMove(partition.log).catch(() => {})
      target.arriving.delete(partition)
      if (!moved) await this.removeFuture()
    }
    if (moved) logger.info('a partition was moved to another log directory', fields)
  }

  /** False when it was cancelled. */
  private async copyAndSwap(): Promise<boolean> {
    const { partition } = this.options
    const { engine } = partition.services
    for (;;) {
      if (this.unwanted) return false
      const progress = await this.step()
      this.copiedBytes = progress.copiedBytes
      this.copiedEnd = progress.endOffset
      if (progress.lagBytes <= HOLD_BYTES_MAX) break
    }
    if (this.unwanted) return false
    // Opening the copy scans its last segment, which is to be short by then.
    const active = engine.segments(partition.log).at(-1)
    if (active !== undefined && active.sizeBytes > HOLD_BYTES_MAX) {
      await engine.roll(partition.log)
      await this.step()
    }
    if (this.unwanted) return false
    await partition.transactionIndex.flush()
    await partition.transactionIndex.whileIdle(() => partition.snapshots.whileIdle(() => this.swap()))
    return true
  }

  private get unwanted(): boolean {
    const { partition, target } = this.options
    return this.cancelled || !partition.readable || target.failed !== null
  }

  private step() {
    const { partition, bytesPerSecond } = this.options
    const rate = bytesPerSecond()
    const bytesMax = Math.max(Math.min(rate * STEP_SECONDS, STEP_BYTES_MAX), STEP_BYTES_MIN)
    const options = { directory: this.future, bytesMax, bytesPerSecond: rate }
    return partition.services.engine.copyLog(partition.log, options)
  }

  private async swap(): Promise<void> {
    const { source } = this
    const { partition, target } = this.options
    const { engine } = partition.services
    await this.copySmallFiles()
    target.arriving.add(partition)
    // Without its start the deleted records would come back.
    if (!(await target.writeLogStarts())) throw new Error(`no checkpoint can be written to ${target.path}`)
    await target.writeRecoveryPoints()
    await target.writeCleanOffsets()
    const directory = `${target.path}/${partition.name}`
    await engine.moveLog(partition.log, directory)
    partition.relocate({ directory, logDirectory: target.path })
    // Not when the topic was deleted meanwhile.
    if (source?.partitions.delete(partition)) target.partitions.add(partition)
    target.arriving.delete(partition)
  }

  private async copySmallFiles(): Promise<void> {
    const { partition } = this.options
    const { files } = partition.services
    // A crash may have kept the marker of an earlier move, and of two directories with one neither counts.
    await this.unmark()
    await files.replace(`${this.future}/${PARTITION_METADATA}`, formatPartitionMetadata(partition.topicId))
    if (partition.epochs.all.length > 0) {
      const epochs = formatEpochs(partition.epochs.all)
      await files.replace(`${this.future}/${CheckpointFile.leaderEpoch}`, epochs)
    }
    for (const name of await files.list(partition.directory)) {
      if (!/^\d{20}\.(snapshot|txnindex)$/.test(name)) continue
      const content = await files.read(`${partition.directory}/${name}`)
      if (content !== null) await files.replace(`${this.future}/${name}`, content)
    }
    await files.replace(`${this.future}/${MOVED}`, '')
  }

  private async unmark(): Promise<void> {
    const { directory, services } = this.options.partition
    if ((await services.files.read(`${directory}/${MOVED}`)) === null) return
    await services.files.remove(`${directory}/${MOVED}`)
    await services.files.syncDirectory(directory)
  }

  private async retire(): Promise<void> {
    const { source } = this
    const { partition, target } = this.options
    const { engine } = partition.services
    await engine.endMove(partition.log)
    if (source === null) return
    const directory = `${source.path}/${partition.name}`
    await retireDirectory(partition, { directory, logDirectory: source.path })
    await source.syncNames()
    await this.unmark()
    await Promise.all([source.writeCheckpoints(), target.writeCheckpoints()])
  }

  private async removeFuture(): Promise<void> {
    const { partition, target } = this.options
    const { files, logger } = partition.services
    if (this.keep || target.failed !== null) return
    try {
      await files.remove(this.future)
    } catch (error) {
      logger.warn('an unfinished move left its copy behind', { directory: this.future, error: String(error) })
    }
  }

  /** The disk that failed goes offline, as with any other write. */
  private blame(error: unknown): void {
    const { source, options } = this
    const failed =
      error instanceof EngineError
        ? error.code !== 'ECANCELED' && error.code !== 'EBUSY' && failureScope(error) === 'directory'
        : isDiskFailure(error)
    if (!failed) return
    const path = (error as { readonly path?: unknown }).path
    const directory = [options.target, source].find(
      (each) => each !== null && typeof path === 'string' && path.startsWith(`${each.path}/`),
    )
    directory?.fail(error as Error)
  }
}
