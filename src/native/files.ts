// Small files of the control plane: checkpoints, snapshots, properties. The log itself never passes here.
//
// Part of the door: a test replaces it by an in-memory tree (`test/sim/files.ts`). All paths are absolute.
// Errors have the `code` and the `path` of the system's.

export interface Files {
  /** UTF-8 or raw content; null when the file does not exist. */
  read(path: string): Promise<Buffer | null>
  /** Writes `path.tmp`, syncs it, renames it over `path` and syncs the directory. */
  replace(path: string, content: Buffer | string): Promise<void>
  /** Writes behind the end of the file, which is created when missing; nothing is synced. */
  append(path: string, content: Buffer): Promise<void>
  /** Its bytes are on the device. */
  sync(path: string): Promise<void>
  list(directory: string): Promise<string[]>
  /** With those above it; new ones survive a power cut. */
  makeDirectory(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Removes a file or a whole directory; quiet when missing. */
  remove(path: string): Promise<void>
  syncDirectory(path: string): Promise<void>
  /** Size of the volume the path lies on, and what of it may still be used. */
  volume(path: string): Promise<{ readonly totalBytes: number; readonly usableBytes: number }>
  /** Takes Kafka's `.lock` of a log directory; rejects when another process holds it. */
  lock(path: string): Promise<{ release(): Promise<void> }>
}
