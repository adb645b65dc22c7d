// Goal: code that was compiled of a script is taken for that script alone, and only whole.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Script } from 'node:vm'
import { cachePathOf, openCache, sealCache } from '../../src/cli/code-cache.js'

const source = Buffer.from('(function (a) { return a + 1 })')

function compiled(): Buffer {
  const script = new Script(source.toString('latin1'))
  script.runInThisContext()(1)
  return script.createCachedData()
}

test('what was sealed is opened, and V8 takes it', () => {
  const cachedData = openCache(sealCache(compiled(), source), source)
  assert.ok(cachedData)
  const script = new Script(source.toString('latin1'), { cachedData })
  assert.equal(script.cachedDataRejected, false)
  assert.equal(script.runInThisContext()(1), 2)
})

test('another script of the same length gets none', () => {
  const other = Buffer.from(source.toString().replace('+ 1', '+ 2'))
  assert.equal(openCache(sealCache(compiled(), source), other), undefined)
})

test('a damaged or cut file is none', () => {
  const sealed = sealCache(compiled(), source)
  for (let at = 0; at < sealed.length; at += 1) {
    const damaged = Buffer.from(sealed)
    damaged.writeUInt8(sealed.readUInt8(at) ^ 1, at)
    assert.equal(openCache(damaged, source), undefined, `byte ${at}`)
    assert.equal(openCache(sealed.subarray(0, at), source), undefined, `cut at ${at}`)
  }
})

test('every Node and kind of machine has its own file', () => {
  assert.equal(cachePathOf('/x/program.js'), `/x/program.js.${process.version}-${process.arch}.cache`)
})
