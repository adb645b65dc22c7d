// Goal: small files are replaced whole, missing ones are no surprise, and a lock has one holder.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../../src/native/engine.js'
import { nodeFiles } from '../../src/native/node-files.js'
import { withDirectory } from './door.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('replace then read, and nothing else is left in the directory', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'checkpoint')
    assert.equal(await nodeFiles.read(path), null)
    await nodeFiles.replace(path, 'one')
    await nodeFiles.replace(path, Buffer.from([1, 2, 3]))
    assert.deepEqual(await nodeFiles.read(path), Buffer.from([1, 2, 3]))
    assert.deepEqual(await nodeFiles.list(directory), ['checkpoint'])
  })
})

test('append creates, extends and can be synced', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'index')
    await nodeFiles.append(path, Buffer.from('ab'))
    await nodeFiles.append(path, Buffer.from('c'))
    await nodeFiles.sync(path)
    assert.deepEqual(await nodeFiles.read(path), Buffer.from('abc'))
    await assert.rejects(nodeFiles.sync(join(directory, 'missing')), { code: 'ENOENT' })
  })
})

test('directories are made, renamed and removed; removing what is missing is quiet', async () => {
  await withDirectory(async (directory) => {
    const from = join(directory, 'a', 'b')
    const to = join(directory, 'c')
    await nodeFiles.makeDirectory(from)
    await nodeFiles.makeDirectory(from)
    await nodeFiles.replace(join(from, 'file'), 'x')
    await nodeFiles.rename(from, to)
    await nodeFiles.syncDirectory(directory)
    assert.deepEqual(await readdir(to), ['file'])
    await nodeFiles.remove(to)
    await nodeFiles.remove(to)
    await assert.rejects(nodeFiles.list(to), { code: 'ENOENT' })
    await assert.rejects(nodeFiles.rename(to, from), { code: 'ENOENT' })
  })
})

test('a lock refuses this process and others until it is released', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, '.lock')
    const held = await nodeFiles.lock(path)
    const refused = (error: unknown) => error instanceof EngineError && error.code === 'EAGAIN'
    await assert.rejects(nodeFiles.lock(path), refused)
    assert.equal(lockElsewhere(path), 'EAGAIN')
    await held.release()
    await held.release()
    assert.equal(lockElsewhere(path), 'locked')
    const again = await nodeFiles.lock(path)
    await again.release()
  })
})

function lockElsewhere(path: string): string {
  const script = `import { nodeFiles } from './src/native/node-files.ts'
    console.log(await nodeFiles.lock(${JSON.stringify(path)}).then(() => 'locked', (error) => error.code))`
  const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.equal(child.status, 0, child.stderr)
  return child.stdout.trim()
}
