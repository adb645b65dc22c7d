import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbersOf } from '../../bench/compare/numbers.js'
import { digits, numbersTable, report, scenarioTable } from '../../bench/compare/report.js'
import type { Results } from '../../bench/compare/results.js'

const results: Results = {
  'produce-16-KB': {
    scale: 1,
    rounds: {
      millrace: [
        { MBps: 400, inside: 1 },
        { MBps: 600, inside: 1 },
        { MBps: 500, inside: 1 },
      ],
      kafka: [{ MBps: 100 }, { MBps: 100 }, { MBps: 400 }],
    },
    systemCalls: {},
  },
}
const cells = (line: string | undefined) => (line ?? '').split('|').map((cell) => cell.trim())

test('a scenario has a row per figure and a column per broker and ratio', () => {
  const [head, , ...rows] = scenarioTable(
    'produce',
    results['produce-16-KB'] as Results[string],
    'millrace',
  ).split('\n')
  assert.deepEqual(cells(head).slice(1, -1), ['figure', 'millrace', 'kafka', 'millrace / kafka'])
  assert.deepEqual(cells(rows[0]).slice(1, -1), ['MBps', '500 [400–600]', '100 [100–400]', '5 [1.25–6]'])
  assert.deepEqual(cells(rows[1]).slice(1, -1), ['inside', '1 [1–1]', '–', '–'])
})

test('every number to reach has a row with its target and its verdict', () => {
  const rows = numbersTable(numbersOf(results, 'millrace')).split('\n')
  const row = rows.find((line) => line.includes('16 KB batches, acks=1') && line.includes('kafka'))
  assert.deepEqual(cells(row).slice(2, -1), ['kafka', '≥ 2.5×', '5 [1.25–6]', '500', '100', 'reached*'])
  assert.ok(rows.some((line) => line.includes('not measured')))
})

test('the columns of a table line up', () => {
  const lines = numbersTable(numbersOf(results, 'millrace')).split('\n')
  assert.equal(new Set(lines.map((line) => line.length)).size, 1)
})

test('the report names the setting, shows pictures, and asks the question of every scenario', () => {
  const text = report({
    setting: ['two cores'],
    results,
    subject: 'millrace',
    questions: new Map([['produce-16-KB', 'How many?']]),
    charts: new Map([['charts/a.svg', 'a picture']]),
  })
  for (const part of [
    '- two cores',
    '![a picture](charts/a.svg)',
    '### produce-16-KB\n\nHow many?\n\n| figure',
  ]) {
    assert.ok(text.includes(part), part)
  }
})

test('figures have three digits that count and no exponent', () => {
  assert.deepEqual([1_234_567, 999.4, 0.012345, 0, Number.NaN, 2].map(digits), [
    '1234567',
    '999',
    '0.0123',
    '0',
    '–',
    '2',
  ])
})
