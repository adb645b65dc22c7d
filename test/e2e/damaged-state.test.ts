// Goal: state that was damaged on disk is noticed or rebuilt and never served, and the rest of the node serves.
// Method: one data directory is written and stopped; each case copies it, damages one file, starts on it and reads
// everything. Values hold their own offsets, so what is served can be told from what is not.

import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '../../src/base/logger.js'
import { startBroker } from '../../src/index.js'
import { buildBatch } from '../../src/protocol/records/batch-builder.js'
import * as calls from '../support/calls.js'
import { batchOf } from '../support/records.js'
import { WireClient } from '../support/wire-client.js'
import { fetchTexts, newTopic, produce } from './fixture.js'

type Damage = 'truncated' | 'zeroed' | 'flipped' | 'missing' | 'lying'
const DAMAGES: readonly Damage[] = ['truncated', 'zeroed', 'flipped', 'missing']

/** Three segments of the least size there is. */
const BATCHES = 44
const VALUE_BYTES = 60_000
const END = BATCHES

type Outcome =
  /** Everything is there. */
  | 'whole'
  /** Whatever is served is right; something may be missing or refused. */
  | 'right'
  /** As `right`, or the broker says why it does not start. */
  | 'right or refused'

interface Row {
  readonly file: string
  readonly outcome: Outcome
  /** Damages for which a line about it must be in the log. */
  readonly said?: readonly Damage[]
  /** Content that claims what is not so. */
  readonly lie?: string
}

const first = '00000000000000000000'
const ROWS: readonly Row[] = [
  { file: `orders-0/${first}.log`, outcome: 'right', said: ['truncated'] },
  { file: 'orders-0/*.log', outcome: 'right', said: ['truncated', 'zeroed', 'missing'] },
  { file: `orders-0/${first}.index`, outcome: 'whole' },
  { file: 'orders-0/*.index', outcome: 'whole' },
  { file: `orders-0/${first}.timeindex`, outcome: 'whole' },
  { file: 'orders-0/*.timeindex', outcome: 'whole' },
  { file: 'orders-0/*.snapshot', outcome: 'whole', said: ['truncated', 'zeroed', 'flipped'] },
  { file: 'orders-0/leader-epoch-checkpoint', outcome: 'whole', said: ['truncated', 'zeroed'] },
  { file: 'orders-0/partition.metadata', outcome: 'right', said: ['truncated', 'zeroed', 'flipped'] },
  { file: 'recovery-point-offset-checkpoint', outcome: 'whole', said: ['truncated', 'zeroed'] },
  { file: 'replication-offset-checkpoint', outcome: 'whole' },
  { file: 'log-start-offset-checkpoint', outcome: 'whole' },
  { file: 'cleaner-offset-checkpoint', outcome: 'whole', lie: '0\n1\norders 0 9999\n' },
  { file: 'meta.properties', outcome: 'right or refused' },
  { file: `__cluster_metadata-0/${first}.log`, outcome: 'right or refused' },
  { file: '__cluster_metadata-0/leader-epoch-checkpoint', outcome: 'whole' },
]

let template = ''
let work = ''

before(async () => {
  template = await mkdtemp(`${tmpdir()}/millrace-whole-`)
  work = await mkdtemp(`${tmpdir()}/millrace-damaged-`)
  const broker = await startBroker({ dataDir: template })
  const client = await WireClient.open(broker.bootstrap)
  const topics = [newTopic('orders', 1, { 'segment.bytes': '1048576' }), newTopic('other')]
  await client.call(calls.createTopics, 7, { topics })
  for (let offset = 0; offset < BATCHES; offset++) {
    const claim = { producerId: 7, producerEpoch: 0, baseSequence: offset }
    const record = { key: null, value: Buffer.from(valueAt(offset)), timestamp: 1_700_000_000_000 + offset }
    const produced = await produce(client, 'orders', buildBatch([record], claim))
    assert.deepEqual(produced, { errorCode: 0, baseOffset: offset })
  }
  await produce(client, 'other', batchOf(['untouched']))
  client.close()
  await broker.stop()
})

after(async () => {
  for (const path of [template, work]) await rm(path, { recursive: true, force: true })
})

function valueAt(offset: number): string {
  return `${offset}:${'x'.repeat(VALUE_BYTES)}`
}

async function damage(directory: string, { file, lie = '' }: Row, kind: Damage): Promise<void> {
  const path = `${directory}/${await resolve(directory, file)}`
  if (kind === 'lying') return writeFile(path, lie)
  if (kind === 'missing') return rm(path)
  const bytes = await readFile(path)
  const middle = bytes.length >> 1
  if (kind === 'truncated') return writeFile(path, bytes.subarray(0, middle))
  if (kind === 'zeroed') bytes.fill(0)
  else if (bytes.length > 0) bytes[middle] = (bytes[middle] as number) ^ 0x10
  return writeFile(path, bytes)
}

/** `*` is the last file of its kind. */
async function resolve(directory: string, pattern: string): Promise<string> {
  const [folder, name] = pattern.split('/*')
  if (name === undefined) return pattern
  const found = (await readdir(`${directory}/${folder}`)).filter((each) => each.endsWith(name)).sort()
  return `${folder}/${found.at(-1)}`
}

/** Retries while an index is built again: errors are answered at once, and a busy disk may take seconds. */
const PATIENCE = 1_000
/** Batches that are damaged themselves stay unreadable, however often they are asked for. */
const SOME_PATIENCE = 5

interface Seen {
  /** Why it did not start. */
  readonly refused: string | null
  readonly served: number
  readonly lines: string[]
}

async function look(directory: string, patience = PATIENCE): Promise<Seen> {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const logger = createLogger({ name: 'test', level: 'warn', destination })
  const broker = await startBroker({ dataDir: directory, logger }).catch((error: unknown) => String(error))
  if (typeof broker === 'string') return { refused: broker, served: 0, lines }
  const client = await WireClient.open(broker.bootstrap)
  try {
    const served = await readOrders(client, patience)
    const other = await fetchTexts(client, 'other')
    // Metadata that is lost takes its topics along; what is served of them is right all the same.
    if (other.errorCode === 0) assert.deepEqual(other.records, [[0, 'untouched']])
    return { refused: null, served: other.errorCode === 0 ? served : -1, lines }
  } finally {
    client.close()
    await broker.stop()
  }
}

/** As a consumer does: on after errors that pass, and to the next offset when one is damaged. */
async function readOrders(client: WireClient, patience: number): Promise<number> {
  let served = 0
  for (let offset = 0; offset < END; offset++) {
    let fetched = await fetchTexts(client, 'orders', { offset, maxBytes: 1 })
    for (let again = 0; fetched.errorCode === 56 && again < patience; again++) {
      await sleep(10)
      fetched = await fetchTexts(client, 'orders', { offset, maxBytes: 1 })
    }
    if (fetched.errorCode !== 0) continue
    for (const [at, text] of fetched.records) {
      assert.ok(at >= offset, 'nothing from before')
      if (text !== valueAt(at)) continue
      if (at === offset) served++
    }
  }
  return served
}

test('an undamaged directory is served whole and without a word', async () => {
  await cp(template, `${work}/none`, { recursive: true })
  assert.deepEqual(await look(`${work}/none`), { refused: null, served: END, lines: [] })
})

for (const row of ROWS) {
  const { file, outcome, said = [], lie } = row
  test(file, async (t) => {
    for (const kind of lie === undefined ? DAMAGES : (['lying'] as const)) {
      await t.test(kind, async () => {
        const directory = `${work}/case`
        await rm(directory, { recursive: true, force: true })
        await cp(template, directory, { recursive: true })
        await damage(directory, row, kind)
        const seen = await look(directory, outcome === 'whole' ? PATIENCE : SOME_PATIENCE)
        if (seen.refused !== null) {
          assert.equal(outcome, 'right or refused', seen.refused)
          return
        }
        if (outcome === 'whole') assert.equal(seen.served, END)
        if (outcome !== 'right or refused') assert.ok(seen.served >= 0, 'the other topic is served')
        if (said.includes(kind)) assert.ok(seen.lines.length > 0, 'a line says so')
        assert.ok(seen.lines.length <= 6, seen.lines.join(''))
      })
    }
  })
}

test('a marker of a clean stop beside a log that was still written to', async () => {
  for (const cut of [1, 100, VALUE_BYTES + 100]) {
    const directory = `${work}/lying-marker`
    await rm(directory, { recursive: true, force: true })
    await cp(template, directory, { recursive: true })
    const path = `${directory}/${await resolve(directory, 'orders-0/*.log')}`
    const bytes = await readFile(path)
    await writeFile(path, bytes.subarray(0, bytes.length - cut))
    assert.ok((await readdir(directory)).includes('.kafka_cleanshutdown'))
    const { refused, served, lines } = await look(directory)
    // The batch that was cut into, and the one before it when the cut goes that far.
    assert.deepEqual([refused, served], [null, END - (cut > VALUE_BYTES ? 2 : 1)])
    assert.ok(lines.length > 0, 'a line says so')
  }
})
