// A thread that is busy for 10 ms every 200 ms, as a collection or a large control request would make it.
// As a program it is busy beside a broker; inside one it holds the script.

import { fileURLToPath } from 'node:url'

export const BUSY_MS = 10
const PERIOD_MS = 200

/** Begins at once; returns a function that ends it. */
export function stayBusy(): () => void {
  const timer = setInterval(() => {
    const until = performance.now() + BUSY_MS
    while (performance.now() < until);
  }, PERIOD_MS)
  return () => clearInterval(timer)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) stayBusy()
