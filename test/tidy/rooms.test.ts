// Goal: data flows one way. Method: every import and include against the table.

import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { COMPOSITION, nativeRooms, type Room, rooms } from './rooms.js'
import { importsOf, roomOf, root, source, sources } from './sources.js'

const typescript = sources('src', /\.ts$/)
const byName = new Map(rooms.map((room) => [room.name, room]))
const imports = typescript.flatMap(importsOf)

test('every directory of src is a room, and a planned room is no directory', () => {
  const directories = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  const built = rooms.filter((room) => !room.planned).map((room) => room.name)
  assert.deepEqual(
    directories.filter((name) => !built.includes(name)),
    [],
    'a directory is missing in test/tidy/rooms.ts, or still marked as planned there and in README.md',
  )
  assert.deepEqual(
    built.filter((name) => name !== COMPOSITION && !directories.includes(name)),
    [],
  )
})

test('a room imports what its row lists', () => {
  const wrong = imports
    .filter(({ target }) => target.startsWith('src/'))
    .filter(({ from, target }) => !allowed(byName.get(roomOf(from)), roomOf(target)))
    .map(({ from, target }) => `${from} imports ${target}`)
  assert.deepEqual(wrong, [])
})

function allowed(room: Room | undefined, target: string): boolean {
  if (room === undefined) return false
  return room.name === target || room.mayImport === 'everything' || room.mayImport.includes(target)
}

test('every file is imported by another, entry points aside', () => {
  // `bundled.ts` is what a build makes of `millrace.ts`; tests and tools of the protocol read `primitives.ts`.
  const programs = ['src/cli/millrace.ts', 'src/cli/bundled.ts']
  const entries = new Set(['src/index.ts', ...programs, 'src/protocol/primitives.ts'])
  const imported = new Set(imports.map(({ target }) => target))
  // The catalogue of wire messages is whole, also where no handler uses one yet.
  const isCatalogue = (path: string) => path.startsWith('src/protocol/messages/')
  const orphans = typescript.filter(
    ({ path }) => !entries.has(path) && !imported.has(path) && !isCatalogue(path),
  )
  assert.deepEqual(
    orphans.map(({ path }) => path),
    [],
  )
})

test('every request handler is in the list that the broker serves', () => {
  const list = 'src/broker/apis.ts'
  if (!existsSync(join(root, list))) return
  const listed = new Set(importsOf(source(list)).map(({ target }) => target))
  const handlers = typescript.filter(({ path }) => /^src\/api\/\d\d-/.test(path))
  assert.deepEqual(
    handlers.map(({ path }) => path).filter((path) => !listed.has(path)),
    [],
  )
})

test('README shows this table', () => {
  const { text } = source('README.md')
  const rows = rooms.map(({ name, lives, mayImport, planned }) => {
    const list = mayImport === 'everything' ? mayImport : mayImport.join(', ') || 'nothing'
    return `| \`${name}/\`${planned ? ' (planned)' : ''} | ${lives} | ${list} |`
  })
  const shown = text.split('\n').filter((line) => /^\| `[a-z]+\/`/.test(line))
  assert.deepEqual(shown, rows)
})

test('native code includes what its row lists, and napi.h in the binding only', () => {
  const wrong: string[] = []
  for (const { path, text } of sources('native', /\.(cc|h)$/)) {
    const [, first = '', second] = path.split('/')
    const binding = /^native\/binding(\.cc|_values\.h|_files\.h)$/.test(path)
    for (const [, include = ''] of text.matchAll(/^\s*#include\s+[<"]([^>"]+)[>"]/gm)) {
      if (basename(include) === 'napi.h' && !binding) wrong.push(`${path}: ${include}`)
      const target = include.split('/')[0] as string
      const inRoom =
        second !== undefined && target !== first && target in nativeRooms && include.includes('/')
      if (inRoom && !nativeRooms[first]?.includes(target)) wrong.push(`${path}: ${include}`)
      const above = second !== undefined && /^(engine|command_layout|binding)\.h$/.test(include)
      if (above) wrong.push(`${path}: ${include}`)
    }
  }
  assert.deepEqual(wrong, [])
})
