#!/usr/bin/env node
// Runs the command line from its one-file bundle and from what V8 compiled of it when it was built, for compiling is
// half of what a start costs beyond Node's own. Without a code cache that fits, the bundle is compiled anew.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { cachePathOf, openCache, sealCache } from './code-cache.js'

const path = fileURLToPath(new URL('program.bundle.js', import.meta.url))
const script = compile()
const run = script.runInThisContext() as (require: NodeJS.Require, url: string) => void
run(createRequire(import.meta.url), import.meta.url)

/** For the build: the file it has to write, and all that V8 has compiled by now. */
export function codeCache(): { path: string; content: Buffer } {
  return { path: cachePathOf(path), content: sealCache(script.createCachedData(), readFileSync(path)) }
}

/** A function, so that nothing of what it read outlives it. */
function compile(): Script {
  const bytes = readFileSync(path)
  const cachedData = cacheIfAny(bytes)
  // The bundle is ASCII, so it takes one byte a character.
  return new Script(bytes.toString('latin1'), { filename: path, ...(cachedData && { cachedData }) })
}

function cacheIfAny(bytes: Buffer): Buffer | undefined {
  try {
    return openCache(readFileSync(cachePathOf(path)), bytes)
  } catch {
    return undefined
  }
}
