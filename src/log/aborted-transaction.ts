/*
 * `<20-digit base offset>.txnindex`: the aborted transactions whose marker lies in that segment, in the order of the
 * markers, 34 bytes each. A segment without any has no such file.
 *
 *   0   version           int16   0
 *   2   producerId        int64
 *   10  firstOffset       int64   of the transaction in this partition
 *   18  lastOffset        int64   the marker's
 *   26  lastStableOffset  int64   as of the marker
 */
const VERSION = 0
const ENTRY_SIZE = 34

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly lastStableOffset: number
}

export function transactionIndexName(baseOffset: number): string {
  return `${String(baseOffset).padStart(20, '0')}.txnindex`
}

export function isTransactionIndex(name: string): boolean {
  return name.endsWith('.txnindex')
}

export function encodeAborted(entries: readonly AbortedTransaction[]): Buffer {
  const bytes = Buffer.alloc(entries.length * ENTRY_SIZE)
  for (const [index, { producerId, firstOffset, lastOffset, lastStableOffset }] of entries.entries()) {
    const at = index * ENTRY_SIZE
    bytes.writeInt16BE(VERSION, at)
    bytes.writeBigInt64BE(BigInt(producerId), at + 2)
    bytes.writeBigInt64BE(BigInt(firstOffset), at + 10)
    bytes.writeBigInt64BE(BigInt(lastOffset), at + 18)
    bytes.writeBigInt64BE(BigInt(lastStableOffset), at + 26)
  }
  return bytes
}

/** Null when the bytes are no intact index of the segment that begins at `baseOffset`. */
export function decodeAborted(bytes: Buffer, baseOffset: number): AbortedTransaction[] | null {
  if (bytes.length % ENTRY_SIZE !== 0) return null
  const entries: AbortedTransaction[] = []
  for (let at = 0, previous = baseOffset - 1; at < bytes.length; at += ENTRY_SIZE) {
    const lastOffset = Number(bytes.readBigInt64BE(at + 18))
    const firstOffset = Number(bytes.readBigInt64BE(at + 10))
    if (bytes.readInt16BE(at) !== VERSION || lastOffset <= previous || firstOffset > lastOffset) return null
    const producerId = Number(bytes.readBigInt64BE(at + 2))
    const lastStableOffset = Number(bytes.readBigInt64BE(at + 26))
    entries.push({ producerId, firstOffset, lastOffset, lastStableOffset })
    previous = lastOffset
  }
  return entries
}
