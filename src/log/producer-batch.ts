import * as header from '../protocol/records/batch-header.js'
import type { SequencedBatch } from './producer-entry.js'
import { lastSequenceOf } from './sequence.js'

const { BatchAttribute } = header

/** What a batch says about itself to the producer state. One is filled again and again. */
export interface ProducerBatch extends SequencedBatch {
  producerId: number
  transactional: boolean
  control: boolean
  /** Wall clock of the broker, for the producer's idle time. Set by whoever appends. */
  appendedMs: number
}

export function newProducerBatch(): ProducerBatch {
  return {
    producerId: -1,
    epoch: -1,
    firstSequence: -1,
    lastSequence: -1,
    baseOffset: -1,
    lastOffset: -1,
    timestamp: -1,
    transactional: false,
    control: false,
    appendedMs: 0,
  }
}

/** What the producer stamped, from the header at `at`. */
export function readProducer(buffer: Buffer, at: number, out: ProducerBatch): void {
  out.producerId = header.producerId(buffer, at)
  out.epoch = header.producerEpoch(buffer, at)
  out.firstSequence = header.baseSequence(buffer, at)
  out.lastSequence = lastSequenceOf(out.firstSequence, header.lastOffsetDelta(buffer, at))
  out.timestamp = header.maxTimestamp(buffer, at)
  const attributes = header.attributes(buffer, at)
  out.transactional = (attributes & BatchAttribute.transactional) !== 0
  out.control = (attributes & BatchAttribute.control) !== 0
}

/** What the broker stamped. */
export function readOffsets(buffer: Buffer, at: number, out: ProducerBatch): void {
  out.baseOffset = header.baseOffset(buffer, at)
  out.lastOffset = out.baseOffset + header.lastOffsetDelta(buffer, at)
}
