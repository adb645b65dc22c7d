import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatProperties, parseProperties } from '../../src/config/properties.js'

test('everything a Java properties file may hold', () => {
  const text = [
    '# comment \\',
    '! another',
    'plain=value',
    '  spaced  =  value with trailing blank ',
    'colon:value',
    'blank value',
    'empty=',
    'alone',
    'long=one,\\',
    '    two,\\',
    '  # no comment here',
    'backslashes=C:\\\\dir\\\\',
    'esc\\=aped\\:key\\ name=tab\\there\\nunicode \\u00e9 \\q',
    'twice=1',
    'twice=2',
    'carriage=return\rnext=line\r\nlast=one\\',
  ].join('\n')
  assert.deepEqual(Object.fromEntries(parseProperties(text)), {
    plain: 'value',
    spaced: 'value with trailing blank ',
    colon: 'value',
    blank: 'value',
    empty: '',
    alone: '',
    long: 'one,two,# no comment here',
    backslashes: 'C:\\dir\\',
    'esc=aped:key name': 'tab\there\nunicode é q',
    twice: '2',
    carriage: 'return',
    next: 'line',
    last: 'one',
  })
})

test('what is formatted is read back', () => {
  const word = fc.string({ minLength: 1, unit: 'binary' })
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(word, fc.string()), { selector: ([key]) => key }), (entries) => {
      assert.deepEqual([...parseProperties(formatProperties(entries, 'written\nby a test'))], entries)
    }),
  )
})
