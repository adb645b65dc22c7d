import { DIRECTORY_NAME_BYTES_MAX } from './limits.js'

/*
 * Names below a log directory:
 *
 *   <topic>-<partition>                       a partition
 *   <topic>-<partition>.<32 hex>-delete       deleted, to be removed
 *   <topic>-<partition>.<32 hex>-stray        belongs to no topic the metadata knows
 *   <topic>-<partition>.<32 hex>-future       a move between log directories under way
 */
export function partitionName(topic: string, partition: number): string {
  return `${topic}-${partition}`
}

export function parsePartitionName(name: string): { topic: string; partition: number } | null {
  const match = /^([a-zA-Z0-9._-]{1,249})-(0|[1-9]\d{0,9})$/.exec(name)
  return match ? { topic: match[1] as string, partition: Number(match[2]) } : null
}

/** The topic is cut where the whole would be longer than a file system allows. */
export function retiredName(name: string, unique: Buffer, suffix: 'delete' | 'stray' | 'future'): string {
  const tail = `.${unique.toString('hex')}-${suffix}`
  return name.slice(0, DIRECTORY_NAME_BYTES_MAX - tail.length) + tail
}

/** A move that was not finished; it begins anew with the partition. */
export function isFuture(name: string): boolean {
  return /\.[0-9a-f]{32}-future$/.test(name)
}

/** The name before `retiredName`, where nothing had to be cut from it. */
export function originalName(retired: string): string {
  return retired.replace(/\.[0-9a-f]{32}-(delete|stray|future)$/, '')
}

export function isDeleted(name: string): boolean {
  return /\.[0-9a-f]{32}-delete$/.test(name)
}
