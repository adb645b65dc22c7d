// Record batches as a producer would compress them, written to files that the native generator sends as they are.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Compression, compress } from '../../src/codec/codec.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import { BATCH_LENGTH_OVERHEAD, BatchField } from '../../src/protocol/records/batch-header.js'
import { crc32c } from '../../src/protocol/records/crc32c.js'

export interface BatchShape {
  readonly recordBytes: number
  /** Before compression; at least one record. */
  readonly batchBytes: number
  readonly compression: keyof typeof Compression
}

/** The path of a file with one batch of this shape. */
export async function writeBatch(directory: string, shape: BatchShape): Promise<string> {
  const path = join(directory, `${shape.recordBytes}-${shape.batchBytes}-${shape.compression}`)
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true })
    writeFileSync(path, await batchOf(shape))
  }
  return path
}

export async function batchOf({ recordBytes, batchBytes, compression }: BatchShape): Promise<Buffer> {
  const count = Math.max(1, Math.floor(batchBytes / recordBytes))
  const timestamp = Date.now()
  const records = Array.from({ length: count }, (_, index) => ({
    key: null,
    value: textOf(index, recordBytes),
    timestamp,
  }))
  const batch = buildBatch(records)
  const type = Compression[compression]
  const body = await compress(type, batch.subarray(BatchField.records))
  const compressed = Buffer.concat([batch.subarray(0, BatchField.records), body])
  compressed.writeInt32BE(compressed.length - BATCH_LENGTH_OVERHEAD, BatchField.batchLength)
  compressed.writeInt16BE(type, BatchField.attributes)
  compressed.writeUInt32BE(crc32c(compressed, BatchField.attributes), BatchField.crc)
  return compressed
}

/** Events as applications write them: the codecs find a third to a tenth of it, not all and not nothing. */
function textOf(index: number, bytes: number): Buffer {
  let text = ''
  for (let part = 0; text.length < bytes; part++) {
    const number = (index * 2_654_435_761 + part * 40_503) >>> 0
    text += `{"id":${number},"user":"user-${number % 9973}","path":"/items/${number % 613}","ms":${number % 977}}\n`
  }
  return Buffer.from(text.slice(0, bytes))
}
