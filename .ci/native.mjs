// Compiles and runs the native unit tests: every `test/native/**/*_test.cc` is one program.
//
//   node .ci/native.mjs [--sanitize=none|address|thread|all] [--filter=TEXT] [--jobs=N] [--build]
//
// Objects and programs live in `.cache/native/<sanitizer>`; a file is compiled again when it or a header it
// includes changed. `address` is AddressSanitizer with UndefinedBehaviorSanitizer. `all` runs the three ways, commas
// part several. `--build` compiles and links, and runs nothing.

import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const options = Object.fromEntries(
  process.argv.slice(2).map((text) => {
    const [name, value = true] = text.replace(/^--/, '').split('=')
    return [name, value]
  }),
)
// Need Node's own headers.
const NODE_ONLY = ['binding', 'doorbell', 'event_pump', 'network_watch'].map((name) => `native/${name}.cc`)
const jobs = Number(options.jobs ?? 2)
const compiler = process.env.CXX ?? 'g++'
// Line tables are enough for the sanitizers' call stacks.
const flags =
  '-std=c++20 -g1 -O1 -Wall -Wextra -Werror -fno-exceptions -pthread -Inative -Itest/native'.split(' ')
const modes = {
  none: [],
  // What the sanitizer adds hides from GCC that an empty optional holds nothing to destroy; the other modes say it.
  address: [
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover=all',
    '-fno-omit-frame-pointer',
    '-Wno-maybe-uninitialized',
  ],
  thread: ['-fsanitize=thread'],
}
// Parsing these is up to half of a small file's compilation. With a sanitizer they are parsed once for all files; `none`
// does without, and finds files that do not include what they use.
const PRECOMPILED =
  'algorithm array atomic chrono condition_variable cstdint cstdio cstring deque filesystem functional memory mutex optional random span sstream string string_view thread unordered_map utility variant vector'.split(
    ' ',
  )

const wanted = options.sanitize === 'all' ? Object.keys(modes) : (options.sanitize ?? 'none').split(',')
let failures = 0
for (const mode of wanted) failures += await runMode(mode)
process.exit(failures === 0 ? 0 : 1)

async function runMode(mode) {
  let extra = modes[mode]
  if (extra === undefined)
    throw new Error(`unknown sanitizer ${mode}; known are ${Object.keys(modes)} and all`)
  const cache = join(root, '.cache', 'native', mode)
  // The binding is tested from TypeScript; everything else links into every test program.
  const library = sources('native', '.cc').filter((path) => !NODE_ONLY.includes(path))
  const tests = sources('test/native', '_test.cc').filter((path) => path.includes(options.filter ?? ''))
  const object = (path) => join(cache, path.replaceAll('/', '.').replace(/\.cc$/, '.o'))
  mkdirSync(cache, { recursive: true })
  if (mode !== 'none') extra = [...extra, ...(await precompiled(cache, extra))]
  const compile = (path) => async () => {
    if (isFresh(object(path))) return true
    // Under another name first, so that two runs at once never see half an object.
    const fresh = `${object(path)}.${process.pid}`
    const rule = object(path).replace(/\.o$/, '.d')
    const args = [...flags, ...extra, '-MMD', '-MF', rule, '-c', path, '-o', fresh]
    // Dated by the start: what is edited while the compiler runs makes the object stale.
    const started = new Date()
    if (!(await run(compiler, args))) return false
    utimesSync(fresh, started, started)
    renameSync(fresh, object(path))
    return true
  }
  const compiled = await inParallel([...library, ...tests].map(compile))
  // A test that needs a file which does not compile fails at linking, below, with its own name.
  const objects = library.filter((_, i) => compiled[i]).map(object)
  let failed = compiled.filter((ok) => !ok).length
  const archive = join(cache, 'library.a')
  rmSync(archive, { force: true })
  if (!(await run('ar', ['rcsD', archive, ...objects]))) return failed + 1
  const whole = tests.filter((_, i) => compiled[library.length + i])
  const program = (path) => object(path).replace(/\.o$/, '')
  const link = (path) => () => run(compiler, [...flags, ...extra, object(path), archive, '-o', program(path)])
  const linked = await inParallel(whole.map(link))
  for (const [i, path] of whole.entries()) {
    if (!options.build) console.log(`# ${path} (${mode})`)
    if (!linked[i] || !(options.build || (await run(program(path), [])))) failed++
  }
  console.log(`# ${mode}: ${tests.length} programs, ${failed} failures`)
  return failed
}

/** Arguments that bring in the header above; a compiler that cannot use the result includes the header as it is. */
async function precompiled(cache, extra) {
  const header = join(relative(root, cache), 'precompiled.h')
  const text = PRECOMPILED.map((name) => `#include <${name}>\n`).join('')
  const path = join(root, header)
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    rmSync(`${path}.gch`, { force: true })
    writeFileSync(path, text)
  }
  if (!existsSync(`${path}.gch`)) {
    const fresh = `${path}.${process.pid}`
    if (!(await run(compiler, [...flags, ...extra, '-x', 'c++-header', header, '-o', fresh])))
      throw new Error('the precompiled header does not compile')
    renameSync(fresh, `${path}.gch`)
  }
  return ['-include', header]
}

function sources(directory, ending) {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .sort()
}

function isFresh(object) {
  const rule = object.replace(/\.o$/, '.d')
  if (!existsSync(object) || !existsSync(rule)) return false
  const made = statSync(object).mtimeMs
  const inputs = readFileSync(rule, 'utf8').replaceAll('\\\n', ' ').split(':')[1].trim().split(/\s+/)
  return inputs.every((input) =>
    existsSync(join(root, input)) ? statSync(join(root, input)).mtimeMs <= made : existsSync(input),
  )
}

async function inParallel(tasks) {
  const results = []
  let next = 0
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++
      results[index] = await tasks[index]()
    }
  }
  await Promise.all(Array.from({ length: jobs }, worker))
  return results
}

function run(command, args) {
  return new Promise((resolve) => {
    spawn(command, args, { cwd: root, stdio: 'inherit' }).on('exit', (code) => resolve(code === 0))
  })
}
