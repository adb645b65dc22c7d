import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AdvanceList, AdvanceListener } from '../../src/log/advance-listener.js'
import { LeaderEpochs } from '../../src/log/leader-epochs.js'
import { retentionStart } from '../../src/log/retention.js'
import { Watermarks } from '../../src/log/watermarks.js'

class Hearing extends AdvanceListener {
  constructor(private readonly hear: (bytes: number) => void) {
    super()
  }

  override advanced(bytes: number): void {
    this.hear(bytes)
  }
}

describe('listeners', () => {
  test('may unlink themselves and each other while they are told', () => {
    const list = new AdvanceList()
    const told: string[] = []
    const listeners = new Map<string, AdvanceListener>()
    const add = (name: string, unlinks: string[]) => {
      const listener = new Hearing(() => {
        told.push(name)
        for (const other of unlinks) listeners.get(other)?.unlink()
      })
      listeners.set(name, listener)
      list.add(listener)
    }
    add('a', ['a', 'c'])
    add('b', [])
    add('c', [])
    add('d', ['b'])
    list.notify(1)
    assert.deepEqual(told.splice(0), ['a', 'b', 'd'])
    list.notify(1)
    assert.deepEqual(told, ['d'])
  })

  test('added while others are told wait for the next time; one moves, it is never in two lists', () => {
    const first = new AdvanceList()
    const second = new AdvanceList()
    const told: string[] = []
    const late = new Hearing(() => told.push('late'))
    first.add(new Hearing(() => first.add(late)))
    first.notify(1)
    assert.deepEqual(told, [])
    second.add(late)
    second.notify(1)
    assert.deepEqual(told, ['late'])
  })
})

describe('watermarks', () => {
  test('listeners hear the bytes that became readable, coalesced as written', () => {
    const marks = new Watermarks({ logStartOffset: 0, logEndOffset: 10 })
    const heard: number[] = []
    const listener = new Hearing((bytes) => heard.push(bytes))
    marks.listen(listener)
    for (const [endOffset, bytes] of [
      [12, 100],
      [13, 50],
      [20, 7],
    ] as const) {
      marks.submitted({ endOffset, bytes })
    }
    marks.written(13)
    marks.written(13)
    marks.written(20)
    listener.unlink()
    marks.submitted({ endOffset: 21, bytes: 1 })
    marks.written(21)
    assert.deepEqual(heard, [150, 7])
  })

  test('thousands in flight are counted exactly', () => {
    const marks = new Watermarks({ logStartOffset: 0, logEndOffset: 0 })
    let sum = 0
    marks.listen(
      new Hearing((bytes) => {
        sum += bytes
      }),
    )
    for (let offset = 1; offset <= 5000; offset++) marks.submitted({ endOffset: offset, bytes: 1 })
    for (let offset = 1; offset <= 5000; offset += 7) marks.written(offset)
    assert.equal(sum, marks.logEndOffset)
    marks.written(5000)
    assert.equal(sum, 5000)
  })

  test('waits resolve in the order of their offsets, whatever order they came in', async () => {
    const marks = new Watermarks({ logStartOffset: 0, logEndOffset: 0 })
    const order: number[] = []
    for (const endOffset of [1, 2, 3]) marks.submitted({ endOffset, bytes: 1 })
    const waits = [3, 1, 2].map((offset) => marks.whenWritten(offset).then(() => order.push(offset)))
    marks.written(2)
    await Promise.all(waits.slice(1))
    assert.deepEqual(order, [1, 2])
    marks.failed(2, new Error('disk'))
    await assert.rejects(waits[0] as Promise<number>, /disk/)
    assert.equal(marks.nextOffset, 2)
  })
})

describe('leader epochs', () => {
  const epochs = () => {
    const result = new LeaderEpochs()
    for (const [epoch, startOffset] of [
      [2, 10],
      [4, 20],
      [7, 30],
    ] as const) {
      result.assign(epoch, startOffset)
    }
    return result
  }

  test('ends of epochs: latest, above, below, between, none', () => {
    const found = [7, 8, 1, 2, 3, 4, 6, -1].map((epoch) => {
      const end = epochs().endOffsetFor(epoch, 40)
      return [end.epoch, end.endOffset]
    })
    assert.deepEqual(found, [
      [7, 40],
      [-1, -1],
      [1, 10],
      [2, 20],
      [2, 20],
      [4, 30],
      [4, 30],
      [-1, -1],
    ])
    assert.deepEqual(new LeaderEpochs().endOffsetFor(0, 5), { epoch: -1, endOffset: -1 })
  })

  test('an epoch that wrote nothing is replaced, an old one is not taken', () => {
    const result = epochs()
    result.assign(9, 30)
    result.assign(8, 50)
    assert.deepEqual(result.all.at(-1), { epoch: 9, startOffset: 30 })
    assert.equal(result.all.length, 3)
  })

  test('cut at the start and at the end', () => {
    const started = epochs()
    started.truncateStart(25)
    assert.deepEqual(started.all, [
      { epoch: 4, startOffset: 25 },
      { epoch: 7, startOffset: 30 },
    ])
    const ended = epochs()
    ended.truncateEnd(30)
    assert.equal(ended.latest, 7)
    ended.truncateEnd(29)
    assert.equal(ended.latest, 4)
  })
})

describe('retention', () => {
  const segment = (baseOffset: number, maxTimestamp: number, sizeBytes = 100, lastModifiedMs = 0) => ({
    baseOffset,
    maxTimestamp,
    sizeBytes,
    lastModifiedMs,
  })
  const policy = { retentionMs: 10, retentionBytes: -1, cleanupPolicy: new Set(['delete'] as const) }

  test('stops at the first young segment and at the high watermark', () => {
    const segments = [segment(0, 5), segment(10, 95), segment(20, 5)]
    assert.equal(retentionStart(segments, { config: policy, nowMs: 100, highWatermark: 30 }), 10)
    assert.equal(retentionStart(segments, { config: policy, nowMs: 100, highWatermark: 9 }), -1)
    assert.equal(retentionStart(segments, { config: policy, nowMs: 200, highWatermark: 30 }), 30)
  })

  test('undated records go by the file', () => {
    const segments = [segment(0, -1, 100, 95), segment(10, 5)]
    assert.equal(retentionStart(segments, { config: policy, nowMs: 100, highWatermark: 20 }), -1)
    assert.equal(retentionStart(segments, { config: policy, nowMs: 106, highWatermark: 20 }), 20)
  })

  test('by size: the surplus must cover the whole segment', () => {
    const segments = [segment(0, 0), segment(10, 0), segment(20, 0)]
    const bySize = (retentionBytes: number) => {
      const config = { ...policy, retentionMs: -1, retentionBytes }
      return retentionStart(segments, { config, nowMs: 100, highWatermark: 30 })
    }
    assert.deepEqual([300, 201, 200, 100, 0].map(bySize), [-1, -1, 10, 20, 30])
  })
})
