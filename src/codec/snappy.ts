// snappy blocks in the framing of Kafka's Java client (xerial):
//
//   bytes 82 'SNAPPY' 00   magic
//   int32 version 1        big-endian, as all numbers here
//   int32 compatible 1     smallest version that can read this
//   then chunks: int32 length, one snappy block of that length
//
// A header may come again between chunks, where streams were joined. Other clients send one bare block without any
// header; a block begins with its uncompressed length as a varint, and 0x82 'S' cannot start a sensible one that
// also goes on like the magic, so eight bytes tell the two apart.

import { CodecError } from './codec-error.js'

const HEADER = Buffer.from('82534e41505059000000000100000001', 'hex')
const MAGIC = HEADER.subarray(0, 8)
const CHUNK_BYTES = 32_768
// Loaded on first use: most brokers never recompress, and loading native code is a tenth of the start.
const library = () => import('snappy')

export async function snappyCompress(input: Buffer): Promise<Buffer> {
  const { compress } = await library()
  const chunks: Promise<Buffer>[] = []
  for (let at = 0; at < input.length; at += CHUNK_BYTES) {
    chunks.push(compress(input.subarray(at, at + CHUNK_BYTES)))
  }
  const blocks = await Promise.all(chunks)
  return Buffer.concat([HEADER, ...blocks.flatMap((block) => [lengthPrefix(block.length), block])])
}

export async function snappyDecompress(input: Buffer, maxBytes: number): Promise<Buffer> {
  const blocks = isFramed(input) ? framedBlocks(input) : [input]
  let total = 0
  for (const block of blocks) {
    total += uncompressedLength(block)
    if (total > maxBytes) throw CodecError.tooLarge(maxBytes)
  }
  const parts = await Promise.all(blocks.map(uncompressBlock))
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}

function isFramed(input: Buffer): boolean {
  return input.length >= MAGIC.length && input.subarray(0, MAGIC.length).equals(MAGIC)
}

function framedBlocks(input: Buffer): Buffer[] {
  const blocks: Buffer[] = []
  let at = 0
  while (at < input.length) {
    if (isFramed(input.subarray(at))) {
      at = afterHeader(input, at)
      continue
    }
    if (at + 4 > input.length) throw CodecError.corrupt('snappy chunk length is cut off')
    const length = input.readInt32BE(at)
    const end = at + 4 + length
    if (length <= 0 || end > input.length) throw CodecError.corrupt('snappy chunk is longer than its stream')
    blocks.push(input.subarray(at + 4, end))
    at = end
  }
  return blocks
}

function afterHeader(input: Buffer, at: number): number {
  const end = at + HEADER.length
  if (end > input.length) throw CodecError.corrupt('snappy header is cut off')
  if (input.readInt32BE(at + 12) > 1) {
    throw new CodecError('UNSUPPORTED', 'snappy framing is of a newer version')
  }
  return end
}

/** A varint of at most 32 bits at the start of the block. */
function uncompressedLength(block: Buffer): number {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index]
    if (byte === undefined) break
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return length
  }
  throw CodecError.corrupt('snappy block has no length')
}

async function uncompressBlock(block: Buffer): Promise<Buffer> {
  try {
    const { uncompress } = await library()
    return (await uncompress(block, { asBuffer: true })) as Buffer
  } catch (error) {
    throw CodecError.corrupt('snappy block is broken', error)
  }
}

function lengthPrefix(length: number): Buffer {
  const prefix = Buffer.allocUnsafe(4)
  prefix.writeInt32BE(length)
  return prefix
}
