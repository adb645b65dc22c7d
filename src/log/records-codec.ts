/**
 * What the log needs of the codec room, for batches whose records must be looked at. Ids are those of the batch
 * attributes: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. Both work off the main thread and reject on bad input;
 * `decompress` also rejects once the output would exceed `bytesMax`.
 */
export interface RecordsCodec {
  decompress(codec: number, bytes: Buffer, bytesMax: number): Promise<Buffer>
  /** Without a level, Kafka's default for the codec. */
  compress(codec: number, bytes: Buffer, level?: number): Promise<Buffer>
}

export const CodecId = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const

/** The id `compression.type` asks for, or -1 when the producer's choice stays. */
export function configuredCodec(compressionType: string): number {
  if (compressionType === 'producer') return -1
  if (compressionType === 'uncompressed') return CodecId.none
  return CodecId[compressionType as keyof typeof CodecId] ?? -1
}

/** `compression.<codec>.level` of the topic; undefined where levels mean nothing. */
export function configuredLevel(
  codec: number,
  levels: { readonly compressionGzipLevel: number; readonly compressionZstdLevel: number },
): number | undefined {
  if (codec === CodecId.gzip) return levels.compressionGzipLevel
  return codec === CodecId.zstd ? levels.compressionZstdLevel : undefined
}
