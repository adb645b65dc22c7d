// Runs a scenario again and again and stops the process before every single thing it does to the disk: each write,
// sync, rename, removal, roll. What a kill or a power cut may leave there is then started on and compared with what
// had been acknowledged by that moment.

import type { CopyOptions, OpenLogOptions } from '../../src/native/engine.js'
import { SimEngine } from './engine.js'
import { SimFiles } from './files.js'
import { type Image, SteppedDisk } from './stepped-disk.js'

export interface Outside {
  readonly disk: SteppedDisk
  readonly steps: Steps
}

export interface Scenario<Facts> {
  /** Plain data; what a scenario adds to it counts as acknowledged from then on. */
  facts(): Facts
  run(outside: Outside, facts: Facts): Promise<void>
  check(image: Image, facts: Facts): Promise<void>
}

/** Where the process ends, or where one operation fails instead. */
export class Steps {
  taken = 0
  last = ''
  readonly died: Promise<void>
  private end: () => void = () => {}
  private dead = false

  constructor(
    private readonly at: number,
    private readonly onEnd: () => void,
    /** Errno name: the step fails and the process lives on. */
    private readonly failure: string | null = null,
  ) {
    this.died = new Promise((resolve) => {
      this.end = resolve
    })
  }

  /** Before an operation. False when the process is gone; throws when the operation fails. */
  take(operation: string, path: string): boolean {
    if (this.dead) return false
    const here = this.taken++ === this.at
    if (here) this.last = `${operation} ${path}`
    if (here && this.failure !== null) {
      throw Object.assign(new Error(`${this.failure}: ${operation} '${path}'`), { code: this.failure, path })
    }
    if (here) this.die()
    return !here
  }

  die(): void {
    if (this.dead) return
    this.dead = true
    this.onEnd()
    this.end()
  }
}

const never = <T>() => new Promise<T>(() => {})

/** Small files, taken apart into what the system does one after the other. */
export class SteppedFiles extends SimFiles {
  constructor(
    private readonly tree: SteppedDisk,
    private readonly steps: Steps,
  ) {
    super(tree)
  }

  override async replace(path: string, content: Buffer | string): Promise<void> {
    const temporary = `${path}.tmp`
    const directory = directoryOf(path)
    const bytes = Buffer.from(content as Buffer)
    const work: [string, () => void][] = [
      ['create', () => this.tree.create(temporary)],
      ['write', () => this.tree.fill(temporary, bytes)],
      ['sync', () => this.tree.syncFile(temporary)],
      ['rename', () => this.tree.rename(temporary, path)],
      ['sync directory of', () => this.tree.syncNames(directory)],
    ]
    if (!this.tree.directories.has(directory)) return super.replace(path, content)
    for (const [operation, run] of work) await this.step(operation, path, run)
  }

  override async append(path: string, content: Buffer): Promise<void> {
    const before = this.tree.files.get(path)
    if (before === undefined) await this.step('create', path, () => this.tree.create(path))
    const whole = Buffer.concat([before ?? Buffer.alloc(0), content])
    await this.step('append', path, () => this.tree.fill(path, whole))
  }

  override async sync(path: string): Promise<void> {
    if (!this.tree.files.has(path)) return super.sync(path)
    await this.step('sync', path, () => this.tree.syncFile(path))
  }

  override async makeDirectory(path: string): Promise<void> {
    const known = this.tree.directories.has(path)
    await this.step('make directory', path, () => this.tree.makeDirectory(path))
    for (let made = path; !known && made !== ''; made = directoryOf(made)) {
      const parent = directoryOf(made)
      await this.step('sync directory', parent, () => this.tree.syncNames(parent))
    }
  }

  override rename(from: string, to: string): Promise<void> {
    return this.step('rename', from, () => this.tree.rename(from, to))
  }

  override async remove(path: string): Promise<void> {
    for (const name of this.tree.list(path) ?? []) await this.remove(`${path}/${name}`)
    await this.step('remove', path, () => this.tree.remove(path))
  }

  override syncDirectory(path: string): Promise<void> {
    return this.step('sync directory', path, () => this.tree.syncNames(path))
  }

  private async step(operation: string, path: string, work: () => void): Promise<void> {
    if (!this.steps.take(operation, path)) return never()
    work()
  }
}

/** Logs. What the engine does in one verb is one step here; `test/native/log` takes that apart. */
export class SteppedEngine extends SimEngine {
  constructor(
    private readonly tree: SteppedDisk,
    private readonly steps: Steps,
  ) {
    super({ disk: tree })
  }

  override run(count = Number.POSITIVE_INFINITY): void {
    for (let done = 0; done < count && this.pendingAppends > 0; done++) {
      if (!this.taken('append', '')) return
      super.run(1)
    }
    super.run(0)
  }

  override openLog(options: OpenLogOptions) {
    return this.taken('open', options.directory) ? super.openLog(options) : never<never>()
  }

  override roll(log: number) {
    return this.taken('roll', String(log)) ? super.roll(log) : never<never>()
  }

  override flushLog(log: number) {
    return this.taken('flush', String(log)) ? super.flushLog(log) : never<never>()
  }

  override advanceStart(log: number, offset: number) {
    return this.taken('advance start', String(log)) ? super.advanceStart(log, offset) : never<never>()
  }

  override copyLog(log: number, options: CopyOptions) {
    return this.taken('copy', options.directory) ? super.copyLog(log, options) : never<never>()
  }

  override async moveLog(log: number, directory: string) {
    if (!this.taken('move', directory)) return never<never>()
    await super.moveLog(log, directory)
    this.tree.syncNames(directoryOf(directory))
  }

  override closeLog(log: number) {
    return this.taken('close', String(log)) ? super.closeLog(log) : never<never>()
  }

  /** Its own errors are another test's; here it only ends. */
  private taken(operation: string, path: string): boolean {
    try {
      return this.steps.take(operation, path)
    } catch {
      return true
    }
  }
}

/** All of it takes a minute or more; else only every fifth failure is tried, and the extremes of a power cut. */
const ALL = process.env.EVERY_STEP !== undefined
const FAILURE_STRIDE = ALL ? 1 : 5

/** Returns how many steps there were. */
export async function everyStep<Facts>(
  scenario: Scenario<Facts>,
  failure: string | null = null,
): Promise<number> {
  for (let at = 0; ; at += failure === null ? 1 : FAILURE_STRIDE) {
    const disk = new SteppedDisk()
    const facts = scenario.facts()
    let images: Image[] = []
    let known = facts
    const end = () => {
      images = disk.images({ all: ALL })
      known = structuredClone(facts)
    }
    const steps = new Steps(at, end, failure)
    const run = scenario.run({ disk, steps }, facts)
    await Promise.race([failure === null ? run : run.catch(() => {}), steps.died])
    const over = steps.taken <= at
    steps.die()
    for (const image of images) {
      try {
        await scenario.check(image, known)
      } catch (error) {
        throw new Error(`step ${at} (${steps.last}), ${image.name}: ${error}`, { cause: error })
      }
    }
    if (over) return at
  }
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
