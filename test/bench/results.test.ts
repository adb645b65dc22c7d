import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { merged, type Results, readSaved, resultsOf, writeJson } from '../../bench/compare/results.js'
import { settingOf } from '../../bench/compare/setting.js'

const directory = mkdtempSync(join(tmpdir(), 'millrace-results-'))
after(() => rmSync(directory, { recursive: true, force: true }))

const measured = (MBps: number) => ({ scale: 1, rounds: { millrace: [{ MBps }] }, systemCalls: {} })

test('a later run replaces a scenario as a whole and keeps the others', () => {
  const both = merged({ a: measured(1), b: measured(2) }, { b: measured(3) })
  assert.deepEqual(both, { a: measured(1), b: measured(3) })
})

test('rounds of another size are begun again, those of the same size are gone on with', () => {
  const results: Results = { a: measured(1) }
  assert.deepEqual(resultsOf(results, 'a', 1).rounds, { millrace: [{ MBps: 1 }] })
  assert.deepEqual(resultsOf(results, 'a', 0.5).rounds, {})
  assert.equal(results.a?.scale, 0.5)
})

test('what was written is read back; anything else is refused', () => {
  const path = join(directory, 'deep/results.json')
  writeJson(path, { setting: settingOf(), results: { a: measured(1) } })
  assert.deepEqual(readSaved(path), { setting: settingOf(), results: { a: measured(1) } })
  assert.throws(() => readSaved(join(directory, 'none.json')), /no such file/)
  writeFileSync(path, '{}')
  assert.throws(() => readSaved(path), /no results/)
})
