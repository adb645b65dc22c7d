// Goal: a build whose code cache no start could use is noticed, for such a start is only slower.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { cachePathOf, openCache } from '../../src/cli/code-cache.js'

const bundle = fileURLToPath(new URL('../../dist/cli/program.bundle.js', import.meta.url))
const skip = existsSync(cachePathOf(bundle)) ? false : 'this Node has not built it'

test('V8 takes the code that the build kept of the bundle', { skip }, () => {
  const bytes = readFileSync(bundle)
  const cachedData = openCache(readFileSync(cachePathOf(bundle)), bytes)
  assert.ok(cachedData)
  const script = new Script(bytes.toString('latin1'), { cachedData })
  assert.equal(script.cachedDataRejected, false)
})
