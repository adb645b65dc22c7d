// The compiled addon as TypeScript sees it: one method per InstanceMethod of `native/binding.cc`.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type {
  CleanOptions,
  CopyOptions,
  EngineOptions,
  OpenLogOptions,
  Peer,
  SegmentInfo,
  TranscodeJob,
} from './engine.js'
import { checkLayout } from './layout.js'

export interface NativeFailure {
  readonly operation: string
  readonly errno: number
  readonly code: string
  readonly path: string
}

export interface NativeCompletion {
  readonly error?: NativeFailure
  readonly value?: unknown
}

export interface NativeMemory {
  readonly slab: ArrayBuffer
  readonly events: ArrayBuffer
  readonly commands: ArrayBuffer
  readonly outbox: ArrayBuffer
  readonly copies: ArrayBuffer
  readonly lookups: ArrayBuffer
}

/** Functions of one engine, not methods: they are called for every request. */
export interface NativeHotVerbs {
  readonly flush: (commandCount: number) => void
  readonly lookup: (rowCount: number, bytesLeft: number, slicesLeft: number, atLeastOneBatch: boolean) => void
}

export interface NativeEngine {
  readonly failure?: NativeFailure
  start(): NativeFailure | undefined
  stop(): void
  keepAlive(alive: boolean): void
  memory(): NativeMemory
  hotVerbs(): NativeHotVerbs
  takePayload(index: number): Peer | NativeFailure | NativeCompletion | TranscodeJob | undefined
  listen(listener: number, address: string, port: number, backlog: number): number | NativeFailure
  closeListener(listener: number): void
  sendLarge(connection: number, sequence: number, bytes: Uint8Array, sliceCount: number): void
  inspect(position: number, length: number): number
  openLog(ticket: number, options: OpenLogOptions): void
  appendLarge(bytes: Uint8Array): void
  /** A rare verb of a log that takes numbers alone; `layout.ts` lists them. */
  ask(verb: number, ticket: number, log: number, x: number, y: number, z: number): void
  segments(log: number): SegmentInfo[]
  makeRoom(): boolean
  cleanLog(ticket: number, log: number, options: CleanOptions): void
  copyLog(ticket: number, log: number, options: CopyOptions): void
  moveLog(ticket: number, log: number, directory: string): void
  transcoded(job: number, bytes: Uint8Array | null): void
}

export interface Addon {
  readonly EngineHandle: new (
    options: EngineOptions,
    drain: (first: number, count: number) => void,
  ) => NativeEngine
  readonly layout: Readonly<Record<string, number>>
  /** Empties the mappings of the process's programs; what runs on comes back from the page cache. */
  releaseProgram(): void
  /** A descriptor for `unlockFile`, or why the lock was refused. */
  lockFile(path: string): number | NativeFailure
  unlockFile(descriptor: number): void
  /** On a worker thread, as is the next; rejects with a NativeFailure. Null when there is no such file. */
  readFile(path: string): Promise<Buffer | null>
  /** As `Files.replace`; the bytes are copied. */
  replaceFile(path: string, content: Uint8Array): Promise<null>
}

let loaded: Addon | undefined

/** Loads `build/Release/millrace.node` of this package, from `src/` as well as from `dist/`. */
export function loadAddon(): Addon {
  if (loaded !== undefined) return loaded
  const require = createRequire(import.meta.url)
  const addon = require(join(packageRoot(), 'build', 'Release', 'millrace.node')) as Addon
  checkLayout(addon.layout)
  loaded = addon
  return addon
}

function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory)
    if (parent === directory) throw new Error('the millrace package has no package.json above its code')
    directory = parent
  }
  return directory
}
