// gzip (RFC 1952) by Node's own zlib, which stops at the output limit by itself.

import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { CodecError } from './codec-error.js'

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

export function gzipCompress(input: Buffer, level: number): Promise<Buffer> {
  return gzipAsync(input, { level })
}

export async function gzipDecompress(input: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    // The limit of zlib is at least one byte; whether it was for nothing at all is seen below.
    const output = await gunzipAsync(input, { maxOutputLength: Math.max(maxBytes, 1) })
    if (output.length <= maxBytes) return output
  } catch (error) {
    const { code } = error as { code?: string }
    if (code !== 'ERR_BUFFER_TOO_LARGE') throw CodecError.corrupt(`gzip stream is broken (${code})`, error)
  }
  throw CodecError.tooLarge(maxBytes)
}
