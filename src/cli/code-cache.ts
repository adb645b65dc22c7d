// The file in which a build keeps what V8 compiled of a script: V8's bytes and, behind them, the check sum of the
// script and of them. V8 itself looks at its own version and flags and at the length of the script, no further.

import { crc32 } from 'node:zlib'

const CHECK_SUM_BYTES = 4

/** A cache is of one Node on one kind of machine; those of several lie side by side. */
export function cachePathOf(scriptPath: string): string {
  return `${scriptPath}.${process.version}-${process.arch}.cache`
}

export function sealCache(code: Buffer, script: Buffer): Buffer {
  const sealed = Buffer.alloc(code.length + CHECK_SUM_BYTES, code)
  sealed.writeUInt32LE(checkSum(code, script), code.length)
  return sealed
}

/** The code, unless the file is damaged or was made of another script. */
export function openCache(sealed: Buffer, script: Buffer): Buffer | undefined {
  if (sealed.length <= CHECK_SUM_BYTES) return undefined
  const code = sealed.subarray(0, -CHECK_SUM_BYTES)
  return sealed.readUInt32LE(code.length) === checkSum(code, script) ? code : undefined
}

function checkSum(code: Buffer, script: Buffer): number {
  return crc32(code, crc32(script))
}
