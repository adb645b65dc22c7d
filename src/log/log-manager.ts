import { assert } from '../base/assert.js'
import type { EngineError, TranscodeJob } from '../native/engine.js'
import { LogCleaner } from './cleaner/log-cleaner.js'
import { transcode } from './cleaner/transcode.js'
import { closePartition } from './close-partition.js'
import { forEachConcurrently, Gate } from './concurrency.js'
import { deletePartitionDirectory } from './delete-partition.js'
import { type DirectoryIdentity, identifyDirectories } from './directory-identity.js'
import { partitionName } from './directory-names.js'
import { failureScope, isDiskFailure } from './disk-error.js'
import { writeEpochs } from './epoch-checkpoint.js'
import { flushPartition } from './flush-partition.js'
import { Housekeeping } from './housekeeping.js'
import { DIRECTORY_CONCURRENCY_MAX } from './limits.js'
import type { LogConfig } from './log-config.js'
import { LogDirectory } from './log-directory.js'
import type { LogManagerOptions } from './log-manager-options.js'
import { ReplicaMoves } from './moves/replica-moves.js'
import { dropUnfinished, settleMoves } from './moves/settle-moves.js'
import { openDirectories, refuseDuplicates } from './open-directories.js'
import { openPartition, type PartitionPlace, type PartitionSettings } from './open-partition.js'
import type { Partition, PartitionKeeper } from './partition.js'
import type { PartitionServices } from './partition-services.js'
import { PartitionTable } from './partition-table.js'
import { OtherTopicError, putAside } from './put-aside.js'

export const METADATA_TOPIC = '__cluster_metadata'

const UNCLAIMED_SHOWN_MAX = 10

export interface CreatePartition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly config: LogConfig
  readonly leaderEpoch?: number
  /** Made just now, so no directory can hold it yet. */
  readonly isNew?: boolean
}

/**
 * All partitions of this broker and the directories they lie in.
 *
 * Lifecycle: `start` takes the locks, checks whose the directories are and reads the checkpoints; partitions are
 * then opened one by one with `createPartition`, which adopts a directory found there; `stop` flushes and closes
 * everything and leaves the marker of a clean stop. The engine's log events are handed to the methods of the same
 * names. Changes of one partition must not overlap: the caller awaits each.
 */
export class LogManager implements PartitionKeeper {
  private readonly table = new PartitionTable()
  private readonly opens = new Gate(() => DIRECTORY_CONCURRENCY_MAX)
  private readonly recoveries = new Map<LogDirectory, Gate>()
  private readonly housekeeping: Housekeeping
  /** Resolves when the metadata log's directory or the last one failed: there is nothing left to serve from. */
  readonly lost: Promise<Error>
  private lose: (error: Error) => void = () => {}
  readonly cleaner: LogCleaner
  readonly moves: ReplicaMoves
  /** Partitions promised to a directory but not open yet, so that placing many at once spreads them. */
  private readonly placing = new Map<LogDirectory, number>()

  static async start(services: PartitionServices, options: LogManagerOptions): Promise<LogManager> {
    assert(options.logDirs.length > 0, 'a broker has a log directory')
    const { files, logger, random } = services
    const directories = options.logDirs.map((path) => new LogDirectory(path, files, logger))
    try {
      const online = await openDirectories(directories, options, logger)
      const paths = online.map(({ path }) => path)
      const identity = await identifyDirectories(paths, options, { files, random })
      for (const directory of online) await directory.load()
      await settleMoves(online, services)
      refuseDuplicates(online)
      const manager = new LogManager(services, options, directories, identity)
      manager.housekeeping.start()
      manager.cleaner.start()
      return manager
    } catch (error) {
      for (const directory of directories) await directory.close({ clean: false })
      throw error
    }
  }

  private constructor(
    readonly services: PartitionServices,
    private readonly options: LogManagerOptions,
    readonly directories: readonly LogDirectory[],
    private readonly identity: DirectoryIdentity,
  ) {
    this.housekeeping = new Housekeeping(this, services, options)
    this.lost = new Promise((resolve) => {
      this.lose = resolve
    })
    for (const directory of directories)
      directory.onFailure = (error) => this.directoryFailed(directory, error)
    const checkpoint = (partition: Partition) => void this.directoryOf(partition)?.writeCleanOffsets()
    this.cleaner = new LogCleaner(() => this.table.all(), services, options.cleaner, checkpoint)
    this.moves = new ReplicaMoves(this, services, options)
  }

  get clusterId(): string {
    return this.identity.clusterId
  }

  /** The id of each log directory, by path. */
  get directoryIds(): ReadonlyMap<string, string> {
    return this.identity.directoryIds
  }

  /** Directories that get no new partitions. */
  get cordoned(): readonly string[] {
    return this.options.cordonedLogDirs
  }

  partition(topic: string, partition: number): Partition | undefined {
    return this.table.get(topic, partition)
  }

  partitionById(topicId: string, partition: number): Partition | undefined {
    return this.table.getById(topicId, partition)
  }

  topicName(topicId: string): string | undefined {
    return this.table.topicName(topicId)
  }

  hasTopic(topic: string): boolean {
    return this.table.hasTopic(topic)
  }

  partitions(): Iterable<Partition> {
    return this.table.all()
  }

  /**
   * For opening many: `work` opens one of them and does what belongs to it. Few are under way at once, for each costs
   * memory meanwhile; those of a directory wait for one another alone.
   */
  async inTurns<Item extends { readonly topic: string; readonly partition: number }>(
    items: readonly Item[],
    work: (item: Item) => Promise<void>,
  ): Promise<void> {
    const queues = new Map<LogDirectory | undefined, Item[]>()
    for (const item of items) {
      const name = partitionName(item.topic, item.partition)
      const directory = this.directories.find(({ found }) => found.has(name))
      const queue = queues.get(directory)
      if (queue === undefined) queues.set(directory, [item])
      else queue.push(item)
    }
    const limit = Math.max(DIRECTORY_CONCURRENCY_MAX, this.options.recoveryThreadsPerDirectory)
    await Promise.all([...queues.values()].map((queue) => forEachConcurrently(queue, limit, work)))
  }

  /** Opens the partition, in the directory that has it or where the fewest are. Many may be asked for at once. */
  createPartition(settings: CreatePartition): Promise<Partition> {
    const { topic, partition } = settings
    assert(this.partition(topic, partition) === undefined, `${topic}-${partition} is open already`)
    return this.gateOf(partitionName(topic, partition)).run(() => this.open({ leaderEpoch: 0, ...settings }))
  }

  /** Logs that may have to be scanned are bounded by directory, so that a full one does not hold up the others. */
  private gateOf(name: string): Gate {
    const unclean = this.directories.find(({ clean, found }) => !clean && found.has(name))
    if (unclean === undefined) return this.opens
    const gate = this.recoveries.get(unclean) ?? new Gate(() => this.options.recoveryThreadsPerDirectory)
    this.recoveries.set(unclean, gate)
    return gate
  }

  /** Quiet when the partition is not here. */
  async deletePartition(topic: string, index: number): Promise<void> {
    const partition = this.table.get(topic, index)
    if (partition === undefined) return
    this.forget(partition)
    partition.closed()
    try {
      await this.moves.cancel(partition)
      await this.opens.run(() => deletePartitionDirectory(partition))
      await this.directoryOf(partition)?.syncNames()
    } catch (error) {
      this.keepAsFound(partition)
      throw error
    }
  }

  uncleaned(partition: Partition): Promise<void> {
    return this.cleaner.uncleaned(partition)
  }

  configure(topic: string, config: LogConfig): void {
    for (const partition of this.table.ofTopic(topic)) partition.configure(config)
  }

  /** Directories found at start that no topic claimed; they are left alone. */
  unclaimed(): string[] {
    return this.directories.flatMap(({ path, found }) => [...found.keys()].map((name) => `${path}/${name}`))
  }

  /** Call it once every topic was opened: an operator should know of files that nothing will ever read. */
  warnOfUnclaimed(): void {
    void dropUnfinished(this.directories, this.services)
    const unclaimed = this.unclaimed()
    if (unclaimed.length === 0) return
    const fields = { count: unclaimed.length, directories: unclaimed.slice(0, UNCLAIMED_SHOWN_MAX) }
    this.services.logger.warn('directories belong to no known topic and are left alone', fields)
  }

  appended(log: number, endOffset: number): void {
    this.table.byLog(log)?.written(endOffset)
  }

  /** Closed segments are snapshot and synced, so that recovery after a crash begins behind them. */
  rolled(log: number, baseOffset: number): void {
    const partition = this.table.byLog(log)
    if (partition === undefined) return
    const { name, snapshots, producers, services, transactionIndex } = partition
    transactionIndex.rolled(baseOffset)
    // After the snapshot, recovery reads no older headers, so what they say about epochs is written first.
    const written = Promise.all([writeEpochs(partition), snapshots.write(producers, baseOffset)])
    written.catch((error: unknown) => {
      services.logger.error('producer snapshot was not written', { partition: name, error: String(error) })
      this.smallFileFailed(partition, error)
    })
    void flushPartition(partition, baseOffset)
  }

  indexRebuilt(log: number, baseOffset: number): void {
    const partition = this.table.byLog(log)?.name
    this.services.logger.warn('an index did not fit its log and was made anew', { partition, baseOffset })
  }

  logFailed(log: number, endOffset: number, error: EngineError): void {
    const partition = this.table.byLog(log)
    partition?.failed(endOffset, error)
    if (partition !== undefined && failureScope(error) === 'directory')
      this.directoryOf(partition)?.fail(error)
  }

  transcode(job: TranscodeJob): void {
    transcode(job, this.services.codec, this.services.engine)
  }

  checkpointStart(partition: Partition): Promise<boolean> {
    return this.directoryOf(partition)?.writeLogStarts() ?? NOT_WRITTEN
  }

  checkpointRecovery(partition: Partition): Promise<boolean> {
    return this.directoryOf(partition)?.writeRecoveryPoints() ?? NOT_WRITTEN
  }

  smallFileFailed(partition: Partition, error: unknown): void {
    if (isDiskFailure(error)) this.directoryOf(partition)?.fail(error as Error)
  }

  ticketDone(ticket: number): boolean {
    return this.services.tickets.done(ticket)
  }

  ticketFailed(ticket: number): boolean {
    return this.services.tickets.failed(ticket)
  }

  async stop(): Promise<void> {
    this.housekeeping.stop()
    this.cleaner.stop()
    await this.moves.stop()
    const clean = new Map(this.directories.map((directory) => [directory, true]))
    for (const directory of this.directories) {
      await forEachConcurrently(directory.partitions, DIRECTORY_CONCURRENCY_MAX, async (partition) => {
        if (partition.offline || directory.failed !== null || !(await closePartition(partition)))
          clean.set(directory, false)
      })
      if (directory.failed === null) await directory.writeCheckpoints()
      await directory.close({ clean: clean.get(directory) === true })
    }
  }

  private async open(settings: CreatePartition & PartitionSettings): Promise<Partition> {
    const name = partitionName(settings.topic, settings.partition)
    for (;;) {
      const chosen = this.adopted(name) ?? this.fresh(settings)
      try {
        return await this.openIn(chosen, settings)
      } catch (error) {
        if (!(error instanceof OtherTopicError)) throw error
        await putAside(chosen.directory, name, this.services)
      }
    }
  }

  private async openIn({ directory, place }: Chosen, settings: PartitionSettings): Promise<Partition> {
    this.placing.set(directory, (this.placing.get(directory) ?? 0) + 1)
    try {
      const partition = await openPartition(settings, place, this.services)
      if (!place.existed) await directory.syncNames()
      partition.keeper = this
      directory.partitions.add(partition)
      directory.found.delete(partition.name)
      this.table.add(partition)
      await this.moves.resume(partition)
      return partition
    } finally {
      this.placing.set(directory, (this.placing.get(directory) ?? 1) - 1)
    }
  }

  /** Its files are still there: a new topic of this name must see that they belong to another. */
  private keepAsFound({ name, logDirectory, logStartOffset }: Partition): void {
    const directory = this.directories.find(({ path }) => path === logDirectory)
    directory?.found.set(name, { name, ...NOTHING_KNOWN, logStartOffset })
  }

  private directoryOf({ logDirectory }: Partition): LogDirectory | undefined {
    return this.directories.find(({ path }) => path === logDirectory)
  }

  private directoryFailed(directory: LogDirectory, error: Error): void {
    const partitions = [...directory.partitions]
    this.services.logger.error(
      'a log directory failed and is offline with its partitions until the next start',
      {
        directory: directory.path,
        partitions: partitions.length,
        error: error.message,
      },
    )
    for (const partition of partitions) partition.takeOffline(error)
    const left = this.directories.some(({ failed }) => failed === null)
    if (!left || directory.path === this.options.metadataLogDir) this.lose(error)
  }

  private forget(partition: Partition): void {
    this.table.remove(partition)
    for (const directory of this.directories) directory.partitions.delete(partition)
  }

  /** The directory this partition already has, as far as its name says. */
  private adopted(name: string): Chosen | null {
    for (const directory of this.directories) {
      const found = directory.found.get(name)
      if (found !== undefined)
        return { directory, place: { ...found, ...placeIn(directory, name), existed: true } }
    }
    return null
  }

  /** One that is not new may lie in a directory that cannot be read now: an empty one must not take its place. */
  private fresh(settings: CreatePartition & PartitionSettings): Chosen {
    const offline = this.directories.find(({ failed }) => failed !== null)
    if (offline !== undefined && settings.isNew !== true) {
      throw new Error(`not found in any log directory, and ${offline.path} is offline`)
    }
    const name = partitionName(settings.topic, settings.partition)
    const directory = this.moves.preferred(name) ?? this.emptiest(settings.topic)
    const place = {
      ...placeIn(directory, name),
      existed: false,
      ...NOTHING_KNOWN,
      ...NOTHING_THERE,
    }
    return { directory, place }
  }

  private emptiest(topic: string): LogDirectory {
    const { options, placing } = this
    const online = this.directories.filter(({ failed }) => failed === null)
    const open = online.filter(({ path }) => !options.cordonedLogDirs.includes(path))
    const directories = open.length > 0 ? open : online
    if (topic === METADATA_TOPIC) {
      const metadata = online.find(({ path }) => path === options.metadataLogDir)
      if (metadata !== undefined) return metadata
    }
    const load = (directory: LogDirectory) => directory.partitions.size + (placing.get(directory) ?? 0)
    return directories.reduce((best, directory) => (load(directory) < load(best) ? directory : best))
  }
}

const NOTHING_KNOWN = {
  recoveryPoint: 0,
  syncedEnd: 0,
  checkpointed: false,
  logStartOffset: 0,
  cleanOffset: -1,
}

const NOT_WRITTEN = Promise.resolve(false)

/** Nothing to scan. */
const NOTHING_THERE = { recoveryPoint: Number.MAX_SAFE_INTEGER }

interface Chosen {
  readonly directory: LogDirectory
  readonly place: PartitionPlace
}

function placeIn(directory: LogDirectory, name: string) {
  return { logDirectory: directory.path, directory: `${directory.path}/${name}`, clean: directory.clean }
}
