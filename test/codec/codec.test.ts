// Goal: what other clients compress is read, what we compress has Kafka's form, and hostile input ends in a
// CodecError without more memory than the limit. Method: golden blobs of Python libraries, properties, hand-made bombs.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { CodecError, Compression, compress, decompress } from '../../src/codec/codec.js'
import { xxh32 } from '../../src/codec/xxh32.js'

interface Golden {
  sha256: Record<string, string>
  linkedLz4: string
  blobs: { name: string; type: keyof typeof Compression; plain: string; hex: string }[]
}

const golden: Golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8'))
const MEGABYTE = 1_048_576
const all = Object.entries(Compression)

for (const { name, type, plain, hex } of golden.blobs) {
  test(`reads ${name}: ${plain}`, async () => {
    const output = await decompress(Compression[type], Buffer.from(hex, 'hex'), MEGABYTE)
    assert.equal(createHash('sha256').update(output).digest('hex'), golden.sha256[plain])
  })
}

for (const [name, type] of all) {
  test(`${name}: what is compressed comes back, and not with one byte less allowed`, async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 6_000 }))
        .map(([unit, times]) => Buffer.concat(Array.from({ length: times }, () => unit))),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (raw) => {
        const input = Buffer.from(raw)
        const packed = await compress(type, input)
        assert.deepEqual(await decompress(type, packed, input.length), input)
        if (input.length > 0) {
          await assert.rejects(decompress(type, packed, input.length - 1), { code: 'TOO_LARGE' })
        }
      }),
      { numRuns: 60 },
    )
  })

  test(`${name}: bytes that are damaged or made up end in output within the limit or a CodecError`, async () => {
    const packed = await compress(type, Buffer.from('the mill race runs fast '.repeat(2_000)))
    const damage = fc.record({
      cut: fc.nat(packed.length),
      at: fc.nat(packed.length - 1),
      to: fc.nat(255),
      tail: fc.uint8Array({ maxLength: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(damage, async ({ cut, at, to, tail }) => {
        const bytes = Buffer.from(packed)
        bytes[at] = to
        const input = Buffer.concat([bytes.subarray(0, cut), tail])
        try {
          assert.ok((await decompress(type, input, 60_000)).length <= 60_000)
        } catch (error) {
          assert.ok(error instanceof CodecError, String(error))
        }
      }),
      { numRuns: 300 },
    )
  })
}

test('levels make smaller output, unknown types are refused', async () => {
  const input = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * index) % 97))
  assert.ok(
    (await compress(Compression.gzip, input, 9)).length <=
      (await compress(Compression.gzip, input, 1)).length,
  )
  assert.ok(
    (await compress(Compression.zstd, input, 19)).length <=
      (await compress(Compression.zstd, input, 1)).length,
  )
  await assert.rejects(compress(5, input), { code: 'UNSUPPORTED' })
  await assert.rejects(decompress(7, input, MEGABYTE), { code: 'UNSUPPORTED' })
})

test('snappy is written as Kafka’s Java client does', async () => {
  const packed = await compress(Compression.snappy, Buffer.alloc(70_000, 1))
  assert.equal(packed.subarray(0, 16).toString('hex'), '82534e41505059000000000100000001')
  let chunks = 0
  for (let at = 16; at < packed.length; at += 4 + packed.readInt32BE(at)) chunks++
  assert.equal(chunks, 3)
})

test('joined snappy streams are one', async () => {
  const [one, two] = [
    await compress(Compression.snappy, Buffer.from('one')),
    await compress(Compression.snappy, Buffer.from('two')),
  ]
  const output = await decompress(Compression.snappy, Buffer.concat([one, two]), 6)
  assert.equal(output.toString(), 'onetwo')
})

test('lz4 is written as Kafka’s Java client does', async () => {
  const packed = await compress(Compression.lz4, Buffer.alloc(70_000, 1))
  assert.equal(packed.subarray(0, 7).toString('hex'), '04224d18604082')
  assert.equal(packed.readUInt32LE(packed.length - 4), 0)
})

test('incompressible lz4 blocks are stored', async () => {
  const noise = createHash('sha512').update('x').digest()
  const packed = await compress(Compression.lz4, noise)
  assert.equal(packed.readUInt32LE(7), 0x80000000 + 64)
  assert.deepEqual(packed.subarray(11, 75), noise)
})

test('lz4 refusals', async () => {
  const refused = (bytes: Buffer, code: string) =>
    assert.rejects(decompress(Compression.lz4, bytes, MEGABYTE), { code })
  await refused(Buffer.from(golden.linkedLz4, 'hex'), 'UNSUPPORTED')
  const good = await compress(Compression.lz4, Buffer.from('good'))
  const changed = (at: number, to: number) =>
    Buffer.from(good.map((byte, index) => (index === at ? to : byte)))
  await refused(changed(6, 0), 'CORRUPT')
  await refused(changed(0, 0), 'CORRUPT')
  await refused(changed(5, 0x30), 'CORRUPT')
  await refused(changed(10, 0x7f), 'CORRUPT')
  const checked = golden.blobs.find((blob) => blob.name.includes('checksums') && blob.plain === 'text')
  const bytes = Buffer.from(checked?.hex ?? '', 'hex')
  bytes[20] = (bytes[20] as number) ^ 1
  await refused(bytes, 'CORRUPT')
})

test('bombs are refused before they expand', async () => {
  const huge = {
    lz4: lz4Bomb(),
    zstd: zstdBomb(),
    snappy: snappyBomb(),
    gzip: gzipSync(Buffer.alloc(40 * MEGABYTE)),
  }
  const before = process.memoryUsage().rss
  for (const [name, bytes] of Object.entries(huge)) {
    const type = Compression[name as keyof typeof Compression]
    await assert.rejects(decompress(type, bytes, MEGABYTE), { code: 'TOO_LARGE' }, name)
  }
  assert.ok(process.memoryUsage().rss - before < 200 * MEGABYTE)
})

test('a snappy block that declares 4 GB, a zstd frame that declares 2^60', async () => {
  const snappy = Buffer.from('ffffffff0f00', 'hex')
  await assert.rejects(decompress(Compression.snappy, snappy, MEGABYTE), { code: 'TOO_LARGE' })
  const zstd = Buffer.from('28b52ffde00000000000000010010000', 'hex')
  await assert.rejects(decompress(Compression.zstd, zstd, MEGABYTE), { code: 'TOO_LARGE' })
})

test('xxh32 against published values', () => {
  assert.equal(xxh32(Buffer.from('')), 0x02cc5d05)
  assert.equal(xxh32(Buffer.from('a')), 0x550d7456)
  assert.equal(xxh32(Buffer.from('abc')), 0x32d153ff)
  assert.equal(xxh32(Buffer.from('Nobody inspects the spammish repetition')), 0xe2293b2f)
})

/** Blocks of the 4 MiB size, each holding one long run. */
function lz4Bomb(): Buffer {
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0])
  header[6] = (xxh32(header.subarray(4, 6)) >>> 8) & 0xff
  const run = Buffer.concat([
    Buffer.from([0x1f, 0x61, 0x01, 0x00]),
    Buffer.alloc(16_000, 255),
    Buffer.from([0, 0x50, 1, 2, 3, 4, 5]),
  ])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(run.length)
  return Buffer.concat([header, ...Array.from({ length: 50 }, () => [length, run]).flat(), Buffer.alloc(4)])
}

/** A frame without content size whose RLE blocks hold 128 KiB each. */
function zstdBomb(): Buffer {
  const block = Buffer.from([0x02, 0x00, 0x10, 0x61])
  const last = Buffer.from([0x03, 0x00, 0x10, 0x61])
  return Buffer.concat([
    Buffer.from('28b52ffd0038', 'hex'),
    ...Array.from({ length: 5_000 }, () => block),
    last,
  ])
}

/** Framed chunks that each declare 2 MB. */
function snappyBomb(): Buffer {
  const chunk = Buffer.from('000000068080800100f0', 'hex')
  return Buffer.concat([Buffer.from('82534e41505059000000000100000001', 'hex'), chunk, chunk])
}
