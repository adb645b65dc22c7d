/** Copied by one call of the engine: how far a move is shows this often, and a cancelled one stops within it. */
export const STEP_BYTES_MAX = 32 * 1024 * 1024

/** A throttled step takes about this long, so that cancelling one never waits for minutes. */
export const STEP_SECONDS = 1
export const STEP_BYTES_MIN = 64 * 1024

/** What the copy may lack when appends are made to wait: some milliseconds of a disk. */
export const HOLD_BYTES_MAX = 2 * 1024 * 1024

/** Directories wished for partitions that do not exist yet; past it a wish is not kept. */
export const PREFERENCES_MAX = 10_000
