import { ErrorCode } from '../protocol/errors.js'
import * as header from '../protocol/records/batch-header.js'
import { admit, type ProduceFacts, stampTime, submitBytes } from './append.js'
import { type AppendOutcome, type AppendResult, newOutcome, refused } from './append-result.js'
import { DECOMPRESSED_BYTES_MAX, RECORD_WORK_MAX } from './limits.js'
import type { Partition } from './partition.js'
import { checkRecords, needsRecordWork } from './record-checks.js'
import { CodecId, configuredCodec, configuredLevel } from './records-codec.js'
import { replaceRecords } from './restamp.js'
import { type Verification, Verifications, verificationRefusal } from './verification.js'
import type { ProducedBatch } from './verify.js'

interface Job {
  readonly bytes: Buffer
  readonly request: ProduceFacts
  readonly verification: Verification | null
}

/**
 * The appends of one partition whose records must be looked at or whose transaction must be verified, one after the
 * other in the order they came. Each holds a copy of its batch, checked against its CRC before. It exists while
 * something waits; the partition drops it when the last one is sequenced, and plain appends are then synchronous
 * again. The coordinator is asked at once, not when the batch's turn comes.
 */
export class RecordWork {
  private tail: Promise<void> = Promise.resolve()
  private waiting = 0
  private readonly verifications: Verifications

  constructor(private readonly partition: Partition) {
    this.verifications = new Verifications(partition)
  }

  append(slab: Buffer, batch: ProducedBatch, request: ProduceFacts): Promise<AppendResult> {
    if (this.waiting >= RECORD_WORK_MAX) {
      const message = `Too many appends of ${this.partition.name} wait for their records to be checked`
      return Promise.resolve(refused(ErrorCode.REQUEST_TIMED_OUT, message))
    }
    const bytes = Buffer.from(slab.subarray(batch.position, batch.position + batch.length))
    this.waiting++
    const job = { bytes, request: { ...request }, verification: this.verifications.ask(bytes, request) }
    const sequenced = this.tail.then(() => this.run(job))
    this.tail = sequenced.then(
      () => this.finished(),
      () => this.finished(),
    )
    return sequenced.then(
      ({ written }) => written,
      (error: unknown) => this.unexpected(error),
    )
  }

  /** Resolves when the batch is sequenced, with a promise of its being written: the next one need not wait for that. */
  private async run(job: Job): Promise<{ written: Promise<AppendResult> }> {
    const { bytes, request } = job
    const producerId = header.producerId(bytes, 0)
    let { verification } = job
    try {
      let errorCode = verification === null ? ErrorCode.NONE : await verification.result
      if (verification !== null && !this.verifications.holds(producerId, verification)) {
        // The marker may have been that of the transaction before, which the coordinator's answer waited for.
        this.verifications.used(producerId, verification)
        verification = this.verifications.ask(bytes, request)
        errorCode = verification === null ? ErrorCode.NONE : await verification.result
      }
      if (errorCode !== ErrorCode.NONE) {
        return { written: Promise.resolve(verificationRefusal(errorCode, request)) }
      }
      return await this.sequence({ ...job, verification })
    } finally {
      if (verification !== null) this.verifications.used(producerId, verification)
    }
  }

  /** A marker of this producer was sequenced. */
  transactionEnded(producerId: number): void {
    this.verifications.ended(producerId)
  }

  private async sequence({ bytes, request, verification }: Job): Promise<{ written: Promise<AppendResult> }> {
    const { partition } = this
    const prepared = await this.prepare(bytes)
    if (!Buffer.isBuffer(prepared)) return { written: Promise.resolve(prepared) }
    if (!partition.writable) return { written: Promise.resolve(this.failed()) }
    const out = newOutcome()
    if (!stampTime(partition, prepared, 0, out)) return { written: Promise.resolve(out) }
    const verified =
      verification !== null && this.verifications.holds(header.producerId(bytes, 0), verification)
    if (!admit(partition, prepared, 0, request, out, verified))
      return { written: out.deferred ?? Promise.resolve(out) }
    return { written: this.submit(prepared, out) }
  }

  private submit(bytes: Buffer, out: AppendOutcome): Promise<AppendResult> {
    const { partition } = this
    out.baseOffset = partition.watermarks.nextOffset
    out.logStartOffset = partition.logStartOffset
    const endOffset = submitBytes(partition, bytes)
    return partition.watermarks.whenWritten(endOffset).then(
      () => out,
      () => this.failed(),
    )
  }

  /** The batch as it will be stored, or the refusal. */
  private async prepare(bytes: Buffer): Promise<Buffer | AppendResult> {
    const { config, services, name, logStartOffset } = this.partition
    if (!needsRecordWork(bytes, 0, config, services.clock.nowMs())) return bytes
    const { codec } = services
    const from = header.codecId(bytes, 0)
    const wanted = configuredCodec(config.compressionType)
    const compressed = bytes.subarray(header.BATCH_HEADER_SIZE)
    try {
      const records =
        from === CodecId.none ? compressed : await codec.decompress(from, compressed, DECOMPRESSED_BYTES_MAX)
      const verdict = checkRecords(bytes, records, { config, nowMs: services.clock.nowMs(), name })
      if (verdict !== null) return { ...refused(verdict.errorCode, null), ...verdict, logStartOffset }
      if (wanted < 0 || wanted === from) return bytes
      const level = configuredLevel(wanted, config)
      const packed = wanted === CodecId.none ? records : await codec.compress(wanted, records, level)
      return this.fitting(replaceRecords(bytes, packed, wanted))
    } catch (error) {
      // A codec and the record reader reject nothing but malformed input, so the client is at fault.
      const reason = error instanceof Error ? error.message : String(error)
      return refused(ErrorCode.INVALID_RECORD, `The records of a batch in ${name} cannot be read: ${reason}`)
    }
  }

  /** Another compression may make the batch larger. */
  private fitting(batch: Buffer): Buffer | AppendResult {
    const { config, name } = this.partition
    if (batch.length > config.maxMessageBytes) {
      const message =
        `Message batch size is ${batch.length} bytes in append to partition ${name}, ` +
        `which exceeds the maximum configured size of ${config.maxMessageBytes}.`
      return refused(ErrorCode.MESSAGE_TOO_LARGE, message)
    }
    if (batch.length <= config.segmentBytes) return batch
    return refused(
      ErrorCode.RECORD_LIST_TOO_LARGE,
      `A batch of ${batch.length} bytes exceeds a segment of ${name}`,
    )
  }

  private finished(): void {
    this.waiting--
    if (this.waiting === 0) this.partition.recordWork = null
  }

  private failed(): AppendResult {
    return refused(ErrorCode.KAFKA_STORAGE_ERROR, `The log of ${this.partition.name} failed`)
  }

  private unexpected(error: unknown): AppendResult {
    const { services, name } = this.partition
    services.logger.error('an append with record checks failed unexpectedly', {
      partition: name,
      error: String(error),
    })
    return refused(ErrorCode.UNKNOWN_SERVER_ERROR, null)
  }
}
