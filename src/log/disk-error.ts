import type { EngineError } from '../native/engine.js'

/** Errors that pass when somebody frees space or closes files. */
const PASSING: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM'])

/** Errors that say something about one log only: its bytes, or our own mistake. */
const OF_ONE_LOG: ReadonlySet<string> = new Set(['EILSEQ', 'EINVAL', 'EBADF'])

export type FailureScope = 'passing' | 'log' | 'directory'

/**
 * What a failed operation puts in doubt:
 *
 *   passing     nothing; it is tried again
 *   log         the log it happened to
 *   directory   the whole disk, since one that failed a write or a sync cannot be trusted to have kept the others
 */
export function failureScope({ code }: Pick<EngineError, 'code'>): FailureScope {
  if (PASSING.has(code)) return 'passing'
  return OF_ONE_LOG.has(code) ? 'log' : 'directory'
}

/** Errors of small files that mean the disk is gone, rather than that one file is in the way. */
const DISK: ReadonlySet<string> = new Set([
  'EIO',
  'EROFS',
  'ENODEV',
  'ENXIO',
  'EUCLEAN',
  'ESTALE',
  'ENOTCONN',
])

export function isDiskFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DISK.has(String(error.code))
}
