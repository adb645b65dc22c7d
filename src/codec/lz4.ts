// LZ4 frames as Kafka reads and writes them, around the block functions of lz4-napi. Little-endian.
//
//   uint32 magic 0x184D2204
//   FLG    bits 7-6 version 01; 5 blocks independent, must be 1; 4 block checksums; 3 content size; 2 content
//          checksum; 1 reserved 0; 0 dictionary, not supported
//   BD     bits 6-4 largest block: 4 = 64 KiB, 5 = 256 KiB, 6 = 1 MiB, 7 = 4 MiB; others 0
//   int64  content size, if FLG says so
//   HC     (xxh32(FLG .. content size) >> 8) & 0xff
//   blocks uint32 length (bit 31: stored as it is), bytes, uint32 xxh32 of these bytes if FLG says so
//   uint32 0 ends the blocks; the content checksum after it is not looked at, as in Kafka
//
// Written: FLG 0x60, BD 0x40. The frame functions of the library are not used for reading because they put no
// limit on what a frame expands to.

import { CodecError } from './codec-error.js'
import { xxh32 } from './xxh32.js'

// Loaded on first use: most brokers never recompress, and loading native code is a tenth of the start.
const library = () => import('lz4-napi')

const MAGIC = 0x184d2204
const FLG_WRITTEN = 0x60
const BD_WRITTEN = 0x40
const BLOCK_BYTES_WRITTEN = 65_536
const STORED = 0x80000000

export async function lz4Compress(input: Buffer): Promise<Buffer> {
  const blocks: Promise<Buffer[]>[] = []
  for (let at = 0; at < input.length; at += BLOCK_BYTES_WRITTEN) {
    blocks.push(compressBlock(input.subarray(at, at + BLOCK_BYTES_WRITTEN)))
  }
  const parts = await Promise.all(blocks)
  return Buffer.concat([frameHeader(), ...parts.flat(), uint32(0)])
}

export async function lz4Decompress(input: Buffer, maxBytes: number): Promise<Buffer> {
  const frame = readFrameHeader(input)
  if (frame.contentBytes > maxBytes) throw CodecError.tooLarge(maxBytes)
  const parts: Buffer[] = []
  let total = 0
  let at = frame.end
  for (;;) {
    const block = readBlock(input, at, frame)
    if (block === null) break
    // One after the other: a block does not declare its size, so each is given what is left of the budget.
    const part = await decompressBlock(block, { blockBytesMax: frame.blockBytesMax, left: maxBytes - total })
    if (part === null) throw CodecError.tooLarge(maxBytes)
    total += part.length
    parts.push(part)
    at = block.end
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, total)
}

interface Frame {
  readonly end: number
  readonly blockBytesMax: number
  readonly blockChecksums: boolean
  /** -1 when not declared. */
  readonly contentBytes: number
}

function readFrameHeader(input: Buffer): Frame {
  if (input.length < 7 || input.readUInt32LE(0) !== MAGIC) throw CodecError.corrupt('no LZ4 frame')
  const flg = input[4] as number
  const bd = input[5] as number
  if (flg >> 6 !== 1 || (flg & 0x03) !== 0) throw new CodecError('UNSUPPORTED', `LZ4 frame flags ${flg}`)
  if ((flg & 0x20) === 0) throw new CodecError('UNSUPPORTED', 'LZ4 blocks depend on each other')
  const size = (bd >> 4) & 0x07
  if ((bd & 0x8f) !== 0 || size < 4) throw CodecError.corrupt(`LZ4 block size ${bd}`)
  const hasContentSize = (flg & 0x08) !== 0
  const checksumAt = hasContentSize ? 14 : 6
  const expected = input[checksumAt]
  if (expected === undefined) throw CodecError.corrupt('LZ4 frame header is cut off')
  if (headerChecksum(input.subarray(4, checksumAt)) !== expected) {
    throw CodecError.corrupt('LZ4 frame header has a wrong checksum')
  }
  return {
    end: checksumAt + 1,
    blockBytesMax: 2 ** (8 + 2 * size),
    blockChecksums: (flg & 0x10) !== 0,
    contentBytes: hasContentSize ? Number(input.readBigUInt64LE(6)) : -1,
  }
}

interface Block {
  readonly bytes: Buffer
  readonly stored: boolean
  readonly end: number
}

function readBlock(input: Buffer, at: number, frame: Frame): Block | null {
  if (at + 4 > input.length) throw CodecError.corrupt('LZ4 frame is cut off')
  const word = input.readUInt32LE(at)
  if (word === 0) return null
  const length = word & ~STORED
  const dataEnd = at + 4 + length
  const end = dataEnd + (frame.blockChecksums ? 4 : 0)
  if (length > frame.blockBytesMax || end > input.length) throw CodecError.corrupt('LZ4 block is too long')
  const bytes = input.subarray(at + 4, dataEnd)
  if (frame.blockChecksums && xxh32(bytes) !== input.readUInt32LE(dataEnd)) {
    throw CodecError.corrupt('LZ4 block has a wrong checksum')
  }
  return { bytes, stored: word >= STORED, end }
}

/** null when the block holds more than is left. */
async function decompressBlock(
  { bytes, stored }: Block,
  limits: { blockBytesMax: number; left: number },
): Promise<Buffer | null> {
  if (stored) return bytes.length > limits.left ? null : bytes
  const bound = Math.min(limits.blockBytesMax, limits.left)
  try {
    // The library wants the output's size before the block, and takes a larger one as a bound.
    const { uncompress } = await library()
    return await uncompress(Buffer.concat([uint32(bound), bytes]))
  } catch (error) {
    // It does not tell a broken block from one that outgrows the bound, so only the latter is tried again.
    if (bound < limits.blockBytesMax && (await fits(bytes, limits.blockBytesMax))) return null
    throw CodecError.corrupt('LZ4 block is broken', error)
  }
}

async function fits(bytes: Buffer, bound: number): Promise<boolean> {
  try {
    const { uncompress } = await library()
    await uncompress(Buffer.concat([uint32(bound), bytes]))
    return true
  } catch {
    return false
  }
}

async function compressBlock(input: Buffer): Promise<Buffer[]> {
  // The first four bytes are the library's own note of the size.
  const { compress } = await library()
  const block = (await compress(input)).subarray(4)
  if (block.length >= input.length) return [uint32(input.length + STORED), input]
  return [uint32(block.length), block]
}

function frameHeader(): Buffer {
  const header = Buffer.concat([uint32(MAGIC), Buffer.from([FLG_WRITTEN, BD_WRITTEN, 0])])
  header[6] = headerChecksum(header.subarray(4, 6))
  return header
}

function headerChecksum(descriptor: Buffer): number {
  return (xxh32(descriptor) >>> 8) & 0xff
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value)
  return bytes
}
