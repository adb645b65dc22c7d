// Free memory that a virtual machine hands back to its host. While the host takes it, everything in the machine that
// touches memory may stand still for tens of milliseconds: seconds after one broker's files went out of the page
// cache, the next one would pay for it.

import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const REPORTED_KIB = '/sys/module/page_reporting/parameters/reported_kib'
/** The kernel looks for free memory every 2 s (PAGE_REPORTING_DELAY). */
const QUIET_MS = 2_500
/** What was freed goes at some 100 MB/s; a machine that never rests is measured as it is. */
const PATIENCE_MS = 40_000

/** Handed back since the machine started, in MB; undefined where the kernel does not count it. */
export function handedBackMB(): number | undefined {
  try {
    return (Number(readFileSync(REPORTED_KIB, 'latin1')) * 1024) / 1e6
  } catch {
    return undefined
  }
}

/** Ends when nothing has been handed back for `QUIET_MS`; at once where the kernel does not count it. */
export async function hostQuiet(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (let before = handedBackMB(); before !== undefined && performance.now() < deadline; ) {
    await pause(QUIET_MS)
    const now = handedBackMB()
    if (now === before) return
    before = now
  }
}
