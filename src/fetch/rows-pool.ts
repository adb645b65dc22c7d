import { FetchRows } from './fetch-rows.js'
import { ROWS_KEPT_MAX, TABLES_KEPT_MAX } from './limits.js'

/** Tables of fetches that are answered, for those that come. What was given back may be read until the next `take`. */
export class RowsPool {
  private readonly idle: FetchRows[] = []

  take(): FetchRows {
    const rows = this.idle.pop()
    if (rows === undefined) return new FetchRows()
    rows.clear()
    return rows
  }

  give(rows: FetchRows): void {
    rows.forgetSources()
    if (rows.capacity <= ROWS_KEPT_MAX && this.idle.length < TABLES_KEPT_MAX) this.idle.push(rows)
  }
}
