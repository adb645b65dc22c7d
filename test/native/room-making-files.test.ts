// Goal: a small file that meets the limit of descriptors is opened once others were closed, and the error is told when
// there are none left to close.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roomMakingFiles } from '../../src/native/room-making-files.js'
import { SimDisk } from '../sim/disk.js'
import { type FilesVerb, SimFiles } from '../sim/files.js'

function filesWith(kept: number) {
  const disk = new SimDisk()
  disk.makeDirectory('/data')
  disk.files.set('/data/there', Buffer.from('x'))
  const inner = new SimFiles(disk)
  const room = { kept }
  const files = roomMakingFiles(inner, () => room.kept-- > 0)
  return { inner, room, files }
}

const CALLS: Partial<
  Record<FilesVerb, (files: SimFiles | ReturnType<typeof roomMakingFiles>) => Promise<unknown>>
> = {
  read: (files) => files.read('/data/there'),
  replace: (files) => files.replace('/data/new', 'content'),
  append: (files) => files.append('/data/there', Buffer.from('y')),
  sync: (files) => files.sync('/data/there'),
  list: (files) => files.list('/data'),
  makeDirectory: (files) => files.makeDirectory('/data/below'),
  remove: (files) => files.remove('/data/there'),
  syncDirectory: (files) => files.syncDirectory('/data'),
  lock: (files) => files.lock('/data/.lock'),
}

for (const code of ['EMFILE', 'ENFILE']) {
  for (const [verb, call] of Object.entries(CALLS)) {
    test(`${verb} after ${code}`, async () => {
      const { inner, room, files } = filesWith(2)
      inner.failNext(verb as FilesVerb, code)
      inner.failNext(verb as FilesVerb, code)
      await call(files)
      assert.equal(room.kept, 0)
      inner.failNext(verb as FilesVerb, code)
      await assert.rejects(call(files), { code })
    })
  }
}

test('what was appended is there once', async () => {
  const { inner, files } = filesWith(1)
  inner.failNext('append', 'EMFILE')
  await files.append('/data/there', Buffer.from('y'))
  assert.deepEqual(await files.read('/data/there'), Buffer.from('xy'))
})

test('any other error is passed on at once', async () => {
  const { inner, room, files } = filesWith(1)
  inner.failNext('read', 'EIO')
  await assert.rejects(files.read('/data/there'), { code: 'EIO' })
  assert.equal(room.kept, 1)
})

test('of many that meet the limit together one makes room', async () => {
  const { inner, room, files } = filesWith(5)
  for (let call = 0; call < 10; call++) inner.failNext('read', 'EMFILE')
  await Promise.all(Array.from({ length: 10 }, () => files.read('/data/there')))
  assert.equal(room.kept, 4)
})
