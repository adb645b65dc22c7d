// Patterns mean what RE2 says, whole names are matched, and nothing a client can send takes long.

import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { SeededRandom } from '../../../src/base/random.js'
import { Matcher } from '../../../src/groups/regex/matcher.js'
import { PatternError } from '../../../src/groups/regex/syntax.js'

const matches = (pattern: string, text: string) => new Matcher(pattern).matches(text)

const cases: [pattern: string, matching: string[], other: string[]][] = [
  ['orders', ['orders'], ['order', 'orders2', 'xorders', '']],
  ['', [''], ['a']],
  ['orders.*', ['orders', 'orders-1'], ['my-orders']],
  ['^orders$', ['orders'], ['orders1']],
  ['\\Aa+\\z', ['a', 'aaa'], ['', 'ab']],
  ['a|bc|', ['a', 'bc', ''], ['b', 'abc']],
  ['(a|b)+c?', ['a', 'abba', 'bc'], ['c', '']],
  ['(?:ab){2,3}', ['abab', 'ababab'], ['ab', 'abababab']],
  ['a{2}', ['aa'], ['a', 'aaa']],
  ['a{2,}', ['aa', 'aaaa'], ['a']],
  ['a{,2}', ['a{,2}'], ['a', '']],
  ['a*?b+?c??', ['b', 'aabbc'], ['c']],
  ['[a-c]+', ['abc'], ['d', '']],
  ['[^a-c]', ['d', '-'], ['a', 'dd']],
  ['[]a]+', [']a'], ['b']],
  ['[a-]+', ['a-a'], ['b']],
  ['[\\d.]+', ['1.2'], ['a']],
  ['[[:alpha:]_]+', ['a_b'], ['1']],
  ['[[:^digit:]]', ['a'], ['1']],
  ['\\w+\\.\\d\\s*', ['abc.1'], ['abc-1', 'abc.x']],
  ['\\p{Lu}\\P{Lu}\\pN', ['Ab1'], ['ab1', 'AB1']],
  ['\\x41\\x{42}\\101', ['ABA'], ['aba']],
  ['\\Qa.b\\Ec', ['a.bc'], ['aXbc']],
  ['(?i)ORD[a-c]', ['ordA', 'Ordb'], ['ordd']],
  ['(?i:a)b', ['Ab', 'ab'], ['aB']],
  ['((?i)a)b', ['Ab'], ['AB']],
  ['(?P<name>a)(?<other>b)', ['ab'], ['a']],
  ['a.\\bb', [], ['a.c', 'aab']],
  ['a-\\bb', ['a-b'], ['a-']],
  ['\\ba\\B.\\b', ['ab'], ['a-']],
  ['(a*)*', ['', 'aaaa'], ['b']],
  ['x*|(y|)+', ['', 'xx', 'yy'], ['xy']],
  ['a$b|c^d', [], ['ab', 'cd', 'a', 'c']],
  ['a.[^b]\\W', ['aüö✓', 'a😀-ß'], ['aüö', 'aüb✓']],
  ['[\\x00-\\x{10ffff}]+', ['aü'], ['']],
]

for (const [pattern, matching, other] of cases) {
  test(`pattern ${pattern}`, () => {
    for (const text of matching) assert.equal(matches(pattern, text), true, text)
    for (const text of other) assert.equal(matches(pattern, text), false, text)
  })
}

test('what RE2 does not have is refused', () => {
  const refused = [
    '(',
    ')',
    'a)',
    '(a',
    '[',
    '[a',
    '*',
    '+a',
    'a**',
    '\\',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '\\1',
    '\\k<a>',
    'a{2,1}',
    'a{1001}',
    '[b-a]',
    '\\p{Nope}',
    '[[:nope:]]',
    '(?x)a',
    '\\y',
  ]
  for (const pattern of refused) assert.throws(() => new Matcher(pattern), PatternError, pattern)
})

test('bombs are refused or harmless', () => {
  const refused = [
    'a'.repeat(4_001),
    '('.repeat(400) + ')'.repeat(400),
    '((a{100}){100}){100}',
    '(((((){1000}){1000}){1000}){1000})',
    `${'(a+'.repeat(60)}${')+'.repeat(60)}b{1000}c{1000}d{1000}e{1000}f{1000}`,
  ]
  for (const pattern of refused) assert.throws(() => new Matcher(pattern), PatternError, pattern)
  const text = 'a'.repeat(249)
  for (const pattern of ['(a|a)*b', '(a*)*b', '(a+)+$b', '(.*)*(.*)*x', '(?:a?){200}a{200}b']) {
    assert.equal(matches(pattern, text), false)
  }
})

test('a pattern that needs too many states runs out of its budget', () => {
  const matcher = new Matcher('(a|b)*a(a|b){300}c')
  const random = new SeededRandom(7)
  const draw = () => (random.int(2) === 0 ? 'a' : 'b')
  assert.throws(() => {
    for (let round = 0; round < 10_000; round++) {
      matcher.matches(Array.from({ length: 249 }, draw).join(''))
    }
  }, PatternError)
})

test('agrees with the language on what both can say', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '(?:a|b)', '(?:ab|)', '^', '$', '\\b')
  const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}')).map(([a, quantifier]) =>
    // The language does not let an anchor be repeated.
    ['^', '$', '\\b'].includes(a) ? a : a + quantifier,
  )
  const pattern = fc
    .array(
      fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((parts) => parts.join('|'))
  const text = fc.array(fc.constantFrom('a', 'b', '-'), { maxLength: 6 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(pattern, text, (source, sample) => {
      assert.equal(matches(source, sample), new RegExp(`^(?:${source})$`).test(sample))
    }),
    { numRuns: 2_000 },
  )
})
