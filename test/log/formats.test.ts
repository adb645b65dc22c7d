// The small files, byte by byte, and what is not understood.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { decodeAborted, encodeAborted } from '../../src/log/aborted-transaction.js'
import { formatEpochs, formatOffsets, parseEpochs, parseOffsets } from '../../src/log/checkpoints.js'
import { isDeleted, parsePartitionName, retiredName } from '../../src/log/directory-names.js'
import { formatMetaProperties, parseMetaProperties } from '../../src/log/meta-properties.js'
import { formatPartitionMetadata, parsePartitionMetadata } from '../../src/log/partition-metadata.js'
import {
  decodeSnapshot,
  encodeSnapshot,
  snapshotName,
  snapshotOffset,
} from '../../src/log/producer-snapshot.js'
import { decrementSequence, incrementSequence, isNextSequence } from '../../src/log/sequence.js'

describe('checkpoints', () => {
  test('round trip', () => {
    const text = formatOffsets([
      { topic: 'a', partition: 0, offset: 5 },
      { topic: 'b.c-d', partition: 12, offset: 0 },
    ])
    assert.equal(text, '0\n2\na 0 5\nb.c-d 12 0\n')
    assert.deepEqual(
      parseOffsets(text),
      new Map([
        ['a-0', 5],
        ['b.c-d-12', 0],
      ]),
    )
    assert.equal(formatEpochs([{ epoch: 1, startOffset: 9 }]), '0\n1\n1 9\n')
    assert.deepEqual(parseEpochs('0\n1\n1 9\n'), [{ epoch: 1, startOffset: 9 }])
    assert.deepEqual(parseOffsets(formatOffsets([])), new Map())
  })

  test('any cut is noticed', () => {
    const offsets = formatOffsets([
      { topic: 'a', partition: 0, offset: 5 },
      { topic: 'b', partition: 1, offset: 1234 },
    ])
    const epochs = formatEpochs([
      { epoch: 1, startOffset: 9 },
      { epoch: 2, startOffset: 1234 },
    ])
    for (let length = 0; length < offsets.length; length++)
      assert.equal(parseOffsets(offsets.slice(0, length)), null, `offsets cut to ${length}`)
    for (let length = 0; length < epochs.length; length++)
      assert.equal(parseEpochs(epochs.slice(0, length)), null, `epochs cut to ${length}`)
  })

  test('another version, a wrong count, garbage', () => {
    for (const text of ['', '1\n0\n', '0\n2\na 0 5\n', '0\n1\na 0\n', '0\n1\na b c\n', 'x']) {
      assert.equal(parseOffsets(text), null)
    }
  })
})

describe('properties', () => {
  test('version 1 and 0', () => {
    const text = formatMetaProperties({ clusterId: 'c', nodeId: 3, directoryId: 'd' })
    assert.deepEqual(parseMetaProperties(text), { clusterId: 'c', nodeId: 3, directoryId: 'd' })
    const old = parseMetaProperties('#Sat Nov 28 2026\nversion=0\nbroker.id = 4\r\ncluster.id:x\\=y\n')
    assert.deepEqual(old, { clusterId: 'x=y', nodeId: 4, directoryId: null })
  })

  test('partition.metadata', () => {
    const id = 'abcdefghijklmnopqrstuv'
    assert.equal(parsePartitionMetadata(formatPartitionMetadata(id)), id)
    assert.equal(parsePartitionMetadata(`version: 1\ntopic_id: ${id}`), null)
    const whole = formatPartitionMetadata(id)
    for (let length = 0; length < whole.length; length++)
      assert.equal(parsePartitionMetadata(whole.slice(0, length)), null, `cut to ${length}`)
  })
})

test('an index of aborted transactions that is cut is noticed, or says less', () => {
  const entry = { producerId: 7, firstOffset: 3, lastOffset: 9, lastStableOffset: 3 }
  const entries = [entry, { ...entry, firstOffset: 10, lastOffset: 12 }]
  const bytes = encodeAborted(entries)
  for (let length = 0; length <= bytes.length; length++) {
    const expected = length % 34 === 0 ? entries.slice(0, length / 34) : null
    assert.deepEqual(decodeAborted(bytes.subarray(0, length), 0), expected, `cut to ${length}`)
  }
})

describe('producer snapshots', () => {
  const entry = {
    producerId: 4000,
    producerEpoch: 3,
    lastSequence: 7,
    lastOffset: 41,
    offsetDelta: 2,
    timestamp: 1_700_000_000_000,
    coordinatorEpoch: -1,
    currentTxnFirstOffset: -1,
  }

  test('round trip, 46 bytes an entry', () => {
    const bytes = encodeSnapshot([entry, { ...entry, producerId: 1 }])
    assert.equal(bytes.length, 10 + 2 * 46)
    assert.equal(bytes.readInt16BE(0), 1)
    assert.deepEqual(decodeSnapshot(bytes), [entry, { ...entry, producerId: 1 }])
  })

  test('any cut or flipped bit is noticed', () => {
    const bytes = encodeSnapshot([entry])
    for (let length = 0; length < bytes.length; length++)
      assert.equal(decodeSnapshot(bytes.subarray(0, length)), null)
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] as number) ^ 0x10
      assert.equal(decodeSnapshot(flipped), null)
    }
  })

  test('names', () => {
    assert.equal(snapshotName(42), '00000000000000000042.snapshot')
    assert.equal(snapshotOffset('00000000000000000042.snapshot'), 42)
    assert.equal(snapshotOffset('00000000000000000042.log'), -1)
  })
})

test('directory names', () => {
  assert.deepEqual(parsePartitionName('a-b.c_1-12'), { topic: 'a-b.c_1', partition: 12 })
  for (const name of ['a', 'a-', 'a-01', '-1', 'a b-0', `a-0.${'0'.repeat(32)}-delete`, 'meta.properties']) {
    assert.equal(parsePartitionName(name), null)
  }
  const retired = retiredName('a-0', Buffer.alloc(16, 0xab), 'delete')
  assert.equal(retired, `a-0.${'ab'.repeat(16)}-delete`)
  assert.ok(isDeleted(retired))
  assert.equal(isDeleted('a-0'), false)
})

test('sequences wrap at 2^31 - 1', () => {
  assert.equal(incrementSequence(0x7fffffff, 1), 0)
  assert.equal(decrementSequence(0, 1), 0x7fffffff)
  assert.ok(isNextSequence(0x7fffffff, 0) && isNextSequence(-1, 0) && !isNextSequence(0x7fffffff, 1))
  const sequence = fc.integer({ min: 0, max: 0x7fffffff })
  fc.assert(
    fc.property(
      sequence,
      sequence,
      (from, by) => decrementSequence(incrementSequence(from, by), by) === from,
    ),
  )
})
