// One face for the compressions of a record batch. Work happens on the libraries' own threads; the input must stay
// as it is until the promise settles. What comes in may be hostile: output never exceeds `maxBytes`, and sizes that
// the input declares are checked before anything of that size is allocated.

import { assert } from '../base/assert.js'
import { CodecError } from './codec-error.js'
import { gzipCompress, gzipDecompress } from './gzip.js'
import { lz4Compress, lz4Decompress } from './lz4.js'
import { snappyCompress, snappyDecompress } from './snappy.js'
import { zstdCompress, zstdDecompress } from './zstd.js'

export { CodecError } from './codec-error.js'

/** As in the attributes of a record batch. */
export const Compression = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const
export type CompressionNumber = (typeof Compression)[keyof typeof Compression]

/** Levels that Kafka takes when none is asked for. snappy has none, and lz4 here has one speed for all. */
const DEFAULT_LEVEL = { gzip: -1, zstd: 3 } as const

export async function compress(type: number, input: Buffer, level?: number): Promise<Buffer> {
  switch (type) {
    case Compression.none:
      return input
    case Compression.gzip:
      return gzipCompress(input, level ?? DEFAULT_LEVEL.gzip)
    case Compression.snappy:
      return snappyCompress(input)
    case Compression.lz4:
      return lz4Compress(input)
    case Compression.zstd:
      return zstdCompress(input, level ?? DEFAULT_LEVEL.zstd)
    default:
      throw new CodecError('UNSUPPORTED', `compression type ${type} is unknown`)
  }
}

/** Rejects with `CodecError`: CORRUPT, TOO_LARGE for more than `maxBytes`, or UNSUPPORTED. */
export async function decompress(type: number, input: Buffer, maxBytes: number): Promise<Buffer> {
  assert(maxBytes >= 0, 'Output needs a limit.')
  switch (type) {
    case Compression.none:
      if (input.length > maxBytes) throw CodecError.tooLarge(maxBytes)
      return input
    case Compression.gzip:
      return gzipDecompress(input, maxBytes)
    case Compression.snappy:
      return snappyDecompress(input, maxBytes)
    case Compression.lz4:
      return lz4Decompress(input, maxBytes)
    case Compression.zstd:
      return zstdDecompress(input, maxBytes)
    default:
      throw new CodecError('UNSUPPORTED', `compression type ${type} is unknown`)
  }
}
