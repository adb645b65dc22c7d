import type { CleanedLog } from '../../native/engine.js'

/** What compaction did since the start, for whoever shows it. */
export class CleanerStats {
  rounds = 0
  failures = 0
  bytesRead = 0
  bytesWritten = 0
  bytesReclaimed = 0
  recordsRead = 0
  recordsKept = 0
  /** Of the last round: written to read bytes, and how full its table of keys was. */
  recopyRatio = 0
  mapUtilization = 0
  secondsMax = 0
  /** Largest dirty ratio seen when logs were last looked at. */
  dirtyRatioMax = 0
  running = 0

  finished(result: CleanedLog): void {
    if (result.failure === null) this.rounds++
    else this.failures++
    this.bytesRead += result.bytesRead
    this.bytesWritten += result.bytesWritten
    this.bytesReclaimed += result.bytesBefore - result.bytesWritten
    this.recordsRead += result.recordsRead
    this.recordsKept += result.recordsKept
    if (result.bytesBefore > 0) this.recopyRatio = result.bytesWritten / result.bytesBefore
    if (result.mapEntriesMax > 0) this.mapUtilization = result.mapEntries / result.mapEntriesMax
    this.secondsMax = Math.max(this.secondsMax, (result.indexMs + result.copyMs) / 1000)
  }
}
