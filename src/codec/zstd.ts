// zstd frames by @mongodb-js/zstd. The library puts no limit on its output, so the frames are walked first: every
// block says how much it can hold at most, and the sum must stay within the limit. (RFC 8878, little-endian)
//
//   uint32 magic 0xFD2FB528
//   FHD    bits 7-6 content size field, 5 single segment, 2 checksum, 1-0 dictionary id field
//   window descriptor unless single segment; dictionary id; content size
//   blocks uint24: bit 0 last, bits 2-1 type (raw, RLE, compressed), the rest a size; bytes
//   uint32 checksum if FHD says so
// Skippable frames: uint32 magic 0x184D2A50..5F, uint32 length, bytes.

import { CodecError } from './codec-error.js'

// Loaded on first use: most brokers never recompress, and loading native code is a tenth of the start.
const library = () => import('@mongodb-js/zstd')

const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const BLOCK_BYTES_MAX = 131_072
/** What the library itself refuses to go beyond: 2^27, the window of level 22. */
const WINDOW_BYTES_MAX = 134_217_728
const BlockType = { raw: 0, rle: 1, compressed: 2 } as const

export async function zstdCompress(input: Buffer, level: number): Promise<Buffer> {
  const { compress } = await library()
  return compress(input, level)
}

export async function zstdDecompress(input: Buffer, maxBytes: number): Promise<Buffer> {
  checkOutputBound(input, maxBytes)
  let output: Buffer
  try {
    const { decompress } = await library()
    output = await decompress(input)
  } catch (error) {
    throw CodecError.corrupt('zstd frame is broken', error)
  }
  if (output.length > maxBytes) throw CodecError.tooLarge(maxBytes)
  return output
}

/**
 * Refuses what could expand to more than the limit, rounded up to whole blocks: a frame of many small compressed
 * blocks is counted at 128 KiB or its window for each.
 */
function checkOutputBound(input: Buffer, maxBytes: number): void {
  if (input.length === 0) throw CodecError.corrupt('no zstd frame')
  const limit = Math.ceil((maxBytes + 1) / BLOCK_BYTES_MAX) * BLOCK_BYTES_MAX
  let total = 0
  for (let at = 0; at < input.length; ) {
    if (at + 8 > input.length) throw CodecError.corrupt('zstd frame is cut off')
    const magic = input.readUInt32LE(at)
    if ((magic & 0xfffffff0) === SKIPPABLE_MAGIC) {
      at += 8 + input.readUInt32LE(at + 4)
      continue
    }
    if (magic !== MAGIC) throw CodecError.corrupt('no zstd frame')
    const header = readFrameHeader(input, at + 4)
    if (header.contentBytes > maxBytes) throw CodecError.tooLarge(maxBytes)
    const walked = walkBlocks(input, header, limit - total)
    if (walked === null) throw CodecError.tooLarge(maxBytes)
    total += walked.outputBound
    at = walked.end
  }
}

interface FrameHeader {
  readonly end: number
  readonly blockBytesMax: number
  readonly hasChecksum: boolean
  /** -1 when not declared. */
  readonly contentBytes: number
}

function readFrameHeader(input: Buffer, start: number): FrameHeader {
  const descriptor = input[start] as number
  const single = (descriptor & 0x20) !== 0
  const contentField = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number
  const dictionaryField = [0, 1, 2, 4][descriptor & 0x03] as number
  if (dictionaryField !== 0) throw new CodecError('UNSUPPORTED', 'zstd frame needs a dictionary')
  const contentAt = start + (single ? 1 : 2)
  const end = contentAt + contentField
  if (end > input.length) throw CodecError.corrupt('zstd frame header is cut off')
  const contentBytes = readContentBytes(input, contentAt, contentField)
  const windowBytes = single ? contentBytes : windowFrom(input[start + 1] as number)
  if (!single && windowBytes > WINDOW_BYTES_MAX)
    throw new CodecError('UNSUPPORTED', 'zstd window is too large')
  return {
    end,
    blockBytesMax: Math.min(windowBytes, BLOCK_BYTES_MAX),
    hasChecksum: (descriptor & 0x04) !== 0,
    contentBytes,
  }
}

function readContentBytes(input: Buffer, at: number, field: number): number {
  if (field === 0) return -1
  if (field === 8) return Number(input.readBigUInt64LE(at))
  const value = input.readUIntLE(at, field)
  // Two bytes begin where one ends.
  return field === 2 ? value + 256 : value
}

function windowFrom(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 0x07)
}

function walkBlocks(
  input: Buffer,
  header: FrameHeader,
  limit: number,
): { end: number; outputBound: number } | null {
  let outputBound = 0
  let at = header.end
  for (let last = false; !last; ) {
    if (at + 3 > input.length) throw CodecError.corrupt('zstd block is cut off')
    const word = input.readUIntLE(at, 3)
    const type = (word >> 1) & 0x03
    const size = word >> 3
    last = (word & 1) === 1
    if (type > BlockType.compressed) throw CodecError.corrupt('zstd block has no type')
    outputBound += type === BlockType.compressed ? header.blockBytesMax : size
    if (outputBound > limit) return null
    at += 3 + (type === BlockType.rle ? 1 : size)
  }
  const end = at + (header.hasChecksum ? 4 : 0)
  if (end > input.length) throw CodecError.corrupt('zstd frame is cut off')
  return { end, outputBound }
}
