import { ErrorCode } from '../../protocol/errors.js'
import { Gate } from '../concurrency.js'
import { partitionName, retiredName } from '../directory-names.js'
import { DIRECTORY_NAME_BYTES_MAX } from '../limits.js'
import type { LogDirectory } from '../log-directory.js'
import type { Partition } from '../partition.js'
import type { PartitionServices } from '../partition-services.js'
import { PREFERENCES_MAX } from './limits.js'
import { ReplicaMove } from './replica-move.js'

export interface MovesOptions {
  readonly moveThreads: number
  readonly moveBytesPerSecond: number
  readonly cordonedLogDirs: readonly string[]
}

export interface MovesHost {
  readonly directories: readonly LogDirectory[]
  partition(topic: string, partition: number): Partition | undefined
  /** No compaction of it is under way, and none begins while it is being moved. */
  uncleaned(partition: Partition): Promise<void>
}

export interface MoveRequest {
  readonly topic: string
  readonly partition: number
  readonly directory: string
}

/** The moves between log directories: at most one of a partition, `num.replica.alter.log.dirs.threads` at once. */
export class ReplicaMoves {
  private readonly moves = new Map<Partition, ReplicaMove>()
  private readonly gate: Gate
  /** By partition that is not here yet: the directory it is to be made in. */
  private readonly preferences = new Map<string, string>()
  private stopped = false

  constructor(
    private readonly host: MovesHost,
    private readonly services: PartitionServices,
    private readonly options: MovesOptions,
  ) {
    this.gate = new Gate(() => Math.max(options.moveThreads, 1))
  }

  /**
   * Kafka's checks in Kafka's order:
   *
   *   INVALID_TOPIC_EXCEPTION    the name leaves no room for the future directory's
   *   LOG_DIR_NOT_FOUND          no such entry of `log.dirs`
   *   KAFKA_STORAGE_ERROR        that directory, or the partition, is offline
   *   UNKNOWN_TOPIC_OR_PARTITION no such partition here; it is made in that directory if it ever is
   *   KAFKA_STORAGE_ERROR        another directory is offline: it may hold a future replica already
   *
   * A move to another directory than this one is cancelled first, also when this one is where the partition is.
   */
  request({ topic, partition: index, directory: path }: MoveRequest): ErrorCode {
    const name = partitionName(topic, index)
    if (retiredName(name, Buffer.alloc(16), 'future').length >= DIRECTORY_NAME_BYTES_MAX)
      return ErrorCode.INVALID_TOPIC_EXCEPTION
    const target = this.host.directories.find((directory) => directory.path === path)
    if (target === undefined) return ErrorCode.LOG_DIR_NOT_FOUND
    if (target.failed !== null) return ErrorCode.KAFKA_STORAGE_ERROR
    const partition = this.host.partition(topic, index)
    if (partition === undefined) {
      if (this.preferences.size < PREFERENCES_MAX) this.preferences.set(name, path)
      return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    }
    if (!partition.readable) return ErrorCode.KAFKA_STORAGE_ERROR
    const running = this.moves.get(partition)
    if (running !== undefined && running.target !== target) running.cancel()
    if (partition.logDirectory === path || running?.target === target) return ErrorCode.NONE
    if (this.host.directories.some(({ failed }) => failed !== null)) return ErrorCode.KAFKA_STORAGE_ERROR
    this.start(partition, target)
    return ErrorCode.NONE
  }

  /** The directory somebody asked for before the partition was made. */
  preferred(name: string): LogDirectory | undefined {
    const path = this.preferences.get(name)
    this.preferences.delete(name)
    return this.host.directories.find((directory) => directory.path === path && directory.failed === null)
  }

  /** What is on its way into the directory. */
  *arriving(
    directory: LogDirectory,
  ): Iterable<{ readonly partition: Partition; readonly move: ReplicaMove }> {
    for (const [partition, move] of this.moves) if (move.target === directory) yield { partition, move }
  }

  /** Just opened: the last run may not have finished moving it. */
  async resume(partition: Partition): Promise<void> {
    for (const directory of this.host.directories) {
      const name = directory.unfinishedMoves.get(partition.name)
      if (name === undefined) continue
      directory.unfinishedMoves.delete(partition.name)
      await this.services.files.remove(`${directory.path}/${name}`)
      if (partition.logDirectory !== directory.path) this.start(partition, directory)
    }
  }

  /** The partition is moved no more when this resolves. */
  async cancel(partition: Partition): Promise<void> {
    const move = this.moves.get(partition)
    move?.cancel()
    await move?.done
  }

  /** Copies stay, for the next start to begin anew. */
  async stop(): Promise<void> {
    this.stopped = true
    for (const move of this.moves.values()) move.cancel({ keep: true })
    await Promise.all([...this.moves.values()].map(({ done }) => done))
  }

  private start(partition: Partition, target: LogDirectory): void {
    const before = this.moves.get(partition)?.done
    const source = () =>
      this.host.directories.find(({ path }) => path === partition.logDirectory) as LogDirectory
    const begin = (run: () => Promise<void>) =>
      this.gate.run(async () => {
        await before
        await this.host.uncleaned(partition)
        if (!this.stopped) await run()
      })
    const bytesPerSecond = () => this.options.moveBytesPerSecond
    const move = new ReplicaMove({ partition, source, target, bytesPerSecond }, begin)
    this.moves.set(partition, move)
    partition.moving = true
    void move.done
      .catch((error: unknown) => {
        const fields = { partition: partition.name, error: String(error) }
        this.services.logger.error('a move between log directories ended unexpectedly', fields)
      })
      .then(() => {
        if (this.moves.get(partition) !== move) return
        this.moves.delete(partition)
        partition.moving = false
      })
  }
}
