// Goal: rules of style that are not checked are wishes. Method: text of every source file, see `sources.ts`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blanked, importsOf, type Source, source, sources } from './sources.js'

/** The formatter keeps code within 110 columns; prose in comments and long strings may go to 120. */
const COLUMNS_MAX = 120
const LINES_MAX = 400
const FUNCTION_LINES_MAX = 70

const broker = sources('src', /\.ts$/)
const native = sources('native', /\.(cc|h)$/)
const tests = sources('test', /\.(ts|cc|h|sh)$/).filter(({ path }) => !path.startsWith('test/compat/'))
const tools = [...sources('.ci', /./), ...sources('bench', /\.(ts|mjs|cc|h)$/)]
const all = [...broker, ...native, ...tests, ...tools]

test('lines and files are not too long', () => {
  const wrong: string[] = []
  for (const { path, text } of [...broker, ...native]) {
    const lines = text.split('\n')
    if (lines.length > LINES_MAX + 1) wrong.push(`${path} has ${lines.length - 1} lines`)
    for (const [index, line] of lines.entries()) {
      if (line.length > COLUMNS_MAX) wrong.push(`${path}:${index + 1} has ${line.length} columns`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('functions are not too long', () => {
  const wrong = broker.flatMap((each) =>
    functionsOf(each)
      .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
      .map(({ line, lines }) => `${each.path}:${line} has a function of ${lines} lines`),
  )
  assert.deepEqual(wrong, [])
})

test('time, chance, disk and network come from outside', () => {
  const exempt =
    /^src\/(base\/(clock|random)\.ts|base\/timer[^/]*\.ts|native\/|gateway\/|cli\/|broker\.ts|index\.ts)/
  const calls =
    /\b(Date\.now|performance\.now|process\.hrtime|setTimeout|setInterval|setImmediate|Math\.random|crypto\.random\w*|randomBytes|randomUUID|randomInt)\b|\bnew Date\(\)/
  const modules = /^node:(fs|fs\/promises|net|http|https|http2|tls|dgram|child_process|worker_threads)$/
  const wrong: string[] = []
  for (const each of broker.filter(({ path }) => !exempt.test(path))) {
    for (const [index, line] of each.code.split('\n').entries()) {
      const call = calls.exec(line)
      if (call) wrong.push(`${each.path}:${index + 1} uses ${call[0]}`)
    }
    for (const { target } of importsOf(each)) {
      if (modules.test(target)) wrong.push(`${each.path} imports ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('nothing is left to do in comments, and no registry is named', () => {
  const words = new RegExp(
    ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX:', 'HA' + 'CK:', 'registry\\.' + 'npmjs'].join('|'),
  )
  const files = [...all, source('package.json'), source('package-lock.json'), source('README.md')]
  const wrong = files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (words.test(line) ? [`${path}:${index + 1}`] : [])),
  )
  assert.deepEqual(wrong, [])
  assert.equal(source('package-lock.json').text.includes('"resolved"'), false)
})

test('no empty catch, no default export, no any', () => {
  const wrong: string[] = []
  for (const { path, text, code } of broker) {
    if (/catch\s*(\([^)]*\))?\s*\{\s*\}/.test(text)) wrong.push(`${path}: empty catch`)
    if (/^export default\b/m.test(code)) wrong.push(`${path}: default export`)
    // Where a suppression gives the reason, the linter has already asked for it.
    if (/[:<]\s*any\b/.test(code) && !text.includes('noExplicitAny')) wrong.push(`${path}: any`)
  }
  assert.deepEqual(wrong, [])
})

test('the scanner blanks comments, strings and regular expressions, and measures functions', () => {
  const text = "const a = 'Date.now' // Date.now\nconst b = /Math.random\\//.test(a) /* setTimeout */\n"
  const code = blanked(text)
  assert.equal(code.length, text.length)
  assert.equal(/Date|Math|setTimeout/.test(code), false)
  const body = Array.from({ length: 80 }, () => '  work()').join('\n')
  for (const head of [
    'function f(a: number): Promise<void> {',
    'const f = async (): Promise<A> => {',
    '  m() {',
  ]) {
    const long: Source = { path: '', text: '', code: `${head}\n${body}\n}\n` }
    assert.deepEqual(functionsOf(long), [{ line: 1, lines: 82 }])
  }
  assert.deepEqual(
    functionsOf({ path: '', text: '', code: `if (a) {\n${body}\n}\nclass A {\n${body}\n}\n` }),
    [],
  )
})

/**
 * Bodies that follow a parameter list or an arrow, statements with a head of their own aside. The lines of functions
 * inside a function are theirs, not its.
 */
function functionsOf({ code }: Source): { line: number; lines: number }[] {
  const found: { line: number; lines: number }[] = []
  const open: { isFunction: boolean; line: number; inner: number }[] = []
  let line = 1
  for (let index = 0; index < code.length; index++) {
    const char = code[index]
    if (char === '\n') line++
    else if (char === '{') open.push({ isFunction: startsFunction(code, index), line, inner: 0 })
    else if (char === '}') {
      const start = open.pop()
      if (start === undefined) continue
      const lines = line - start.line + 1 - start.inner
      if (start.isFunction) found.push({ line: start.line, lines })
      const outer = open.at(-1)
      if (outer) outer.inner += start.isFunction ? lines + start.inner : start.inner
    }
  }
  return found
}

function startsFunction(code: string, brace: number): boolean {
  const before = code.slice(Math.max(0, brace - 400), brace)
  if (/=>\s*$/.test(before)) return true
  const head = /\)\s*(?::[^;{}()=]*)?\s*$/.exec(before)
  if (head === null) return false
  let depth = 0
  for (let index = head.index; index >= 0; index--) {
    if (before[index] === ')') depth++
    else if (before[index] === '(') depth--
    if (depth === 0) return !/\b(if|for|while|switch|catch|with|await)\s*$/.test(before.slice(0, index))
  }
  return true
}
