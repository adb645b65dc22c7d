// Loaded into the broker under attack with --expose-gc. On SIGUSR2 it collects garbage and writes what is left, in
// bytes, to the file MILLRACE_FUZZ_MEMORY: resident memory between two collections also shows what V8 has not yet
// bothered to free, and that is no leak.

import { writeFileSync } from 'node:fs'

process.on('SIGUSR2', () => {
  // Twice: what the first one's finalizers let go of is freed by the second.
  globalThis.gc()
  globalThis.gc()
  const { rss, heapUsed } = process.memoryUsage()
  writeFileSync(process.env.MILLRACE_FUZZ_MEMORY, JSON.stringify({ rss, heapUsed }))
})
