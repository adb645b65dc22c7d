import type { Files } from '../../src/native/files.js'
import type { SimDisk } from './disk.js'

export type FilesVerb =
  | 'read'
  | 'replace'
  | 'append'
  | 'sync'
  | 'list'
  | 'makeDirectory'
  | 'rename'
  | 'remove'
  | 'syncDirectory'
  | 'lock'

/** `Files` over a SimDisk. `failNext` makes the next call of a verb (on a path containing `part`) reject. */
export class SimFiles implements Files {
  private readonly failures: { verb: FilesVerb; part: string; code: string }[] = []

  private dead = false
  private last: { readonly verb: FilesVerb; skip: number } | null = null

  constructor(readonly disk: SimDisk) {}

  /** The process that used them is gone: what it had not done yet does not happen. */
  die(): void {
    this.dead = true
  }

  /** The process ends before this call of the verb, counted from now. */
  dieAt(verb: FilesVerb, skip: number): void {
    this.last = { verb, skip }
  }

  failNext(verb: FilesVerb, code: string, part = ''): void {
    this.failures.push({ verb, part, code })
  }

  async read(path: string): Promise<Buffer | null> {
    this.mayFail('read', path)
    const content = this.disk.files.get(path)
    return content === undefined ? null : Buffer.from(content)
  }

  async replace(path: string, content: Buffer | string): Promise<void> {
    this.mayFail('replace', path)
    const directory = path.slice(0, path.lastIndexOf('/'))
    if (!this.disk.directories.has(directory)) throw systemError('ENOENT', 'open', path)
    this.disk.files.set(path, Buffer.from(content as Buffer))
    this.disk.unsynced.delete(path)
  }

  async append(path: string, content: Buffer): Promise<void> {
    this.mayFail('append', path)
    const directory = path.slice(0, path.lastIndexOf('/'))
    if (!this.disk.directories.has(directory)) throw systemError('ENOENT', 'open', path)
    if (!this.disk.unsynced.has(path)) this.disk.unsynced.set(path, this.disk.files.get(path) ?? null)
    this.disk.files.set(path, Buffer.concat([this.disk.files.get(path) ?? Buffer.alloc(0), content]))
  }

  async sync(path: string): Promise<void> {
    this.mayFail('sync', path)
    if (!this.disk.files.has(path)) throw systemError('ENOENT', 'open', path)
    this.disk.unsynced.delete(path)
  }

  async list(directory: string): Promise<string[]> {
    this.mayFail('list', directory)
    const names = this.disk.list(directory)
    if (names === null) throw systemError('ENOENT', 'scandir', directory)
    return names
  }

  async makeDirectory(path: string): Promise<void> {
    this.mayFail('makeDirectory', path)
    this.disk.makeDirectory(path)
  }

  async rename(from: string, to: string): Promise<void> {
    this.mayFail('rename', from)
    this.disk.rename(from, to)
  }

  async remove(path: string): Promise<void> {
    this.mayFail('remove', path)
    this.disk.remove(path)
  }

  async syncDirectory(path: string): Promise<void> {
    this.mayFail('syncDirectory', path)
  }

  async volume() {
    return { totalBytes: 1_000_000, usableBytes: 400_000 }
  }

  async lock(path: string): Promise<{ release(): Promise<void> }> {
    this.mayFail('lock', path)
    if (this.disk.locks.has(path)) throw systemError('EAGAIN', 'flock', path)
    this.disk.locks.add(path)
    return {
      release: async () => {
        this.disk.locks.delete(path)
      },
    }
  }

  private mayFail(verb: FilesVerb, path: string): void {
    if (this.last?.verb === verb && this.last.skip-- === 0) this.dead = true
    if (this.dead) throw systemError('EIO', verb, path)
    const index = this.failures.findIndex((failure) => failure.verb === verb && path.includes(failure.part))
    if (index < 0) return
    const [failure] = this.failures.splice(index, 1)
    throw systemError(failure?.code ?? 'EIO', verb, path)
  }
}

function systemError(code: string, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path })
}
