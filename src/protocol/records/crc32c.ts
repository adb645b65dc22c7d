/**
 * CRC-32C (Castagnoli) in software, for coordinator batches and tests; client batches are checked natively. Pass
 * the result of the bytes before as `previous` to continue over a second range.
 */
export function crc32c(buffer: Uint8Array, start = 0, end = buffer.length, previous = 0): number {
  let crc = ~previous
  let at = start
  // Eight bytes a step: one table per byte distance takes the dependency on the last byte out of the loop.
  for (const last = end - 8; at <= last; at += 8) {
    const low =
      crc ^
      (byte(buffer, at) |
        (byte(buffer, at + 1) << 8) |
        (byte(buffer, at + 2) << 16) |
        (byte(buffer, at + 3) << 24))
    crc =
      entry(7, low & 0xff) ^
      entry(6, (low >>> 8) & 0xff) ^
      entry(5, (low >>> 16) & 0xff) ^
      entry(4, low >>> 24) ^
      entry(3, byte(buffer, at + 4)) ^
      entry(2, byte(buffer, at + 5)) ^
      entry(1, byte(buffer, at + 6)) ^
      entry(0, byte(buffer, at + 7))
  }
  for (; at < end; at++) crc = entry(0, (crc ^ byte(buffer, at)) & 0xff) ^ (crc >>> 8)
  return ~crc >>> 0
}

const POLYNOMIAL_REFLECTED = 0x82f63b78
const tables = buildTables()

function byte(buffer: Uint8Array, at: number): number {
  return buffer[at] as number
}

function entry(table: number, index: number): number {
  return tables[(table << 8) | index] as number
}

function buildTables(): Int32Array {
  const result = new Int32Array(8 * 256)
  for (let i = 0; i < 256; i++) {
    let crc = i
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL_REFLECTED : crc >>> 1
    result[i] = crc
  }
  for (let i = 256; i < result.length; i++) {
    const before = result[i - 256] as number
    result[i] = (result[before & 0xff] as number) ^ (before >>> 8)
  }
  return result
}
