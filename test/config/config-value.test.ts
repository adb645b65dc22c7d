import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boolean, double, int, list, long, password, short, string } from '../../src/config/config-key.js'
import { parseValue, valueProblem } from '../../src/config/config-value.js'

const level = int('level', -1, 'Level.', { min: 1, max: 9, or: [-1] })

test('accepted values, with the text that descriptions show', () => {
  const accepted: [Parameters<typeof parseValue>[0], string | null, unknown, string | null][] = [
    [boolean('b', true, 'B.'), ' TRUE ', true, 'true'],
    [level, '-1', -1, '-1'],
    [level, ' 09 ', 9, '9'],
    [int('i', 0, 'I.'), '+2147483647', 2147483647, '2147483647'],
    [short('s', 0, 'S.'), '-32768', -32768, '-32768'],
    [long('l', 0, 'L.'), '9223372036854775807', Number.MAX_SAFE_INTEGER, '9223372036854775807'],
    [double('d', 0, 'D.', { min: 0, max: 1 }), '0.5', 0.5, '0.5'],
    [double('d', 0, 'D.'), '1.7976931348623157E308', Number.MAX_VALUE, '1.7976931348623157E308'],
    [list('l', [], 'L.'), 'a, b ,c', ['a', 'b', 'c'], 'a,b,c'],
    [list('l', [], 'L.'), '', [], ''],
    [string('s', '', 'S.', { oneOf: ['a', 'b'], caseInsensitive: true }), 'A', 'A', 'A'],
    [password('p', null, 'P.'), ' x ', ' x ', ' x '],
    [string('s', null, 'S.'), null, null, null],
  ]
  for (const [key, text, value, shown] of accepted) {
    assert.deepEqual(parseValue(key, text), { value, text: shown })
  }
})

test('refused values, in words that name key, value and what is accepted', () => {
  const refused: [Parameters<typeof parseValue>[0], string, string][] = [
    [boolean('b', true, 'B.'), 'yes', 'Expected value to be either true or false'],
    [level, '0', 'Value must be at least 1'],
    [level, '10', 'Value must be no more than 9'],
    [level, '1.5', 'Not a number of type INT'],
    [level, '', 'Not a number of type INT'],
    [level, '0x10', 'Not a number of type INT'],
    [int('i', 0, 'I.'), '2147483648', 'Not a number of type INT'],
    [short('s', 0, 'S.'), '40000', 'Not a number of type SHORT'],
    [long('l', 0, 'L.'), '9223372036854775808', 'Not a number of type LONG'],
    [double('d', 0, 'D.'), 'NaN', 'Not a number of type DOUBLE'],
    [string('s', 'a', 'S.', { oneOf: ['a', 'b'] }), 'A', 'String must be one of: a, b'],
    [list('l', [], 'L.', { listOf: ['a', 'b'] }), 'c', 'String must be one of: a, b'],
  ]
  for (const [key, text, why] of refused) {
    assert.equal(valueProblem(key, text), `Invalid value ${text} for configuration ${key.name}: ${why}`)
  }
  const strict = list('l', ['a'], 'L.', { emptyAllowed: false })
  assert.match(valueProblem(strict, '') ?? '', /must not be empty/)
  assert.match(valueProblem(strict, 'a,,b') ?? '', /must not be empty/)
  assert.match(valueProblem(strict, 'a,a') ?? '', /must not be duplicated/)
})
