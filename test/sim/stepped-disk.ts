// A disk that knows what a power cut would leave of it, at any moment.
//
//   contents   of a file as of its last sync; none when it never had one
//   names      of a directory as of its last sync, and of the changes since then, which reach the device in their
//              order, any number of the first ones
//   logs       up to the first batch that was not synced, where the directory's own name survived

import { SimDisk, type SimLog } from './disk.js'

class FileNode {
  synced: Buffer | null = null
  constructor(public content: Buffer) {}
}

class DirectoryNode {
  readonly live = new Map<string, Node>()
  readonly durable = new Map<string, Node>()
  log: SimLog | null = null
}

type Node = FileNode | DirectoryNode

interface Change {
  readonly directory: DirectoryNode
  readonly entries: readonly (readonly [string, Node | null])[]
}

export interface Image {
  readonly name: string
  readonly disk: SimDisk
  readonly power: boolean
}

export class SteppedDisk extends SimDisk {
  private readonly root = new DirectoryNode()
  private pending: Change[] = []

  override makeDirectory(path: string): void {
    super.makeDirectory(path)
    let at = this.root
    for (const name of partsOf(path)) {
      let next = at.live.get(name)
      if (next === undefined) {
        next = new DirectoryNode()
        this.change(at, [[name, next]])
      }
      at = next as DirectoryNode
    }
  }

  /** As opening it for writing does: what it held is gone. */
  create(path: string): void {
    this.files.set(path, Buffer.alloc(0))
    this.change(this.parentOf(path), [[nameOf(path), new FileNode(Buffer.alloc(0))]])
  }

  fill(path: string, content: Buffer): void {
    this.files.set(path, content)
    ;(this.nodeAt(path) as FileNode).content = content
  }

  syncFile(path: string): void {
    const node = this.nodeAt(path) as FileNode
    node.synced = node.content
  }

  syncNames(path: string): void {
    const directory = this.nodeAt(path) as DirectoryNode
    for (const change of this.pending) {
      if (change.directory === directory) apply(change, directory.durable)
    }
    this.pending = this.pending.filter((change) => change.directory !== directory)
  }

  override rename(from: string, to: string): void {
    this.adoptLogs()
    const node = this.nodeAt(from)
    super.rename(from, to)
    if (node !== null) {
      this.change(this.parentOf(to), [
        [nameOf(from), null],
        [nameOf(to), node],
      ])
    }
  }

  override remove(path: string): void {
    this.adoptLogs()
    const known = this.nodeAt(path) !== null
    super.remove(path)
    if (known) this.change(this.parentOf(path), [[nameOf(path), null]])
  }

  /**
   * Everything a crash now may leave: as it is, after a kill; and after a power cut with each number of names,
   * or only with none and with all of them.
   */
  images({ all }: { readonly all: boolean }): Image[] {
    this.adoptLogs()
    const images = [{ name: 'kill', disk: this.build(null), power: false }]
    const count = this.pending.length
    const kept = all ? Array.from({ length: count + 1 }, (_, names) => names) : new Set([0, count])
    for (const names of kept) {
      images.push({
        name: `power cut, ${names} of ${count} names kept`,
        disk: this.build(names),
        power: true,
      })
    }
    return images
  }

  private build(names: number | null): SimDisk {
    const views = new Map<DirectoryNode, Map<string, Node>>()
    for (const change of this.pending.slice(0, names ?? 0)) {
      const view = views.get(change.directory) ?? new Map(change.directory.durable)
      views.set(change.directory, view)
      apply(change, view)
    }
    const disk = new SimDisk()
    const visit = (directory: DirectoryNode, path: string) => {
      const entries = names === null ? directory.live : (views.get(directory) ?? directory.durable)
      if (path !== '') disk.makeDirectory(path)
      if (directory.log !== null) disk.logs.set(path, structuredClone(directory.log))
      for (const [name, node] of entries) {
        if (node instanceof DirectoryNode) visit(node, `${path}/${name}`)
        else disk.files.set(`${path}/${name}`, contentOf(node, names !== null))
      }
    }
    visit(this.root, '')
    for (const log of disk.logs.values()) restoreBuffers(log)
    if (names !== null) disk.crash({ power: true })
    return disk
  }

  private change(directory: DirectoryNode, entries: Change['entries']): void {
    apply({ directory, entries }, directory.live)
    this.pending.push({ directory, entries })
  }

  /** The engine keeps logs by path; a directory keeps its log whatever it is called by then. */
  private adoptLogs(): void {
    for (const [path, log] of this.logs) {
      const node = this.nodeAt(path)
      if (node instanceof DirectoryNode) node.log = log
    }
  }

  private parentOf(path: string): DirectoryNode {
    return this.nodeAt(path.slice(0, path.lastIndexOf('/'))) as DirectoryNode
  }

  private nodeAt(path: string): Node | null {
    let at: Node = this.root
    for (const name of partsOf(path)) {
      const next: Node | undefined = at instanceof DirectoryNode ? at.live.get(name) : undefined
      if (next === undefined) return null
      at = next
    }
    return at
  }
}

function apply({ entries }: Change, names: Map<string, Node>): void {
  for (const [name, node] of entries) {
    if (node === null) names.delete(name)
    else names.set(name, node)
  }
}

function contentOf({ content, synced }: FileNode, power: boolean): Buffer {
  return Buffer.from(power ? (synced ?? Buffer.alloc(0)) : content)
}

/** A structured clone makes plain arrays of bytes. */
function restoreBuffers(log: SimLog): void {
  for (const { batches } of log.segments) {
    for (const [index, batch] of batches.entries())
      batches[index] = { ...batch, bytes: Buffer.from(batch.bytes) }
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
