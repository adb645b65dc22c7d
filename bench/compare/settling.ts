// What earlier parts leave behind and later ones would pay for: dirty pages that are still to be written, and freed
// memory that a virtual machine hands back to its host. While the host takes it, everything in the machine that touches
// memory may stand still for tens of milliseconds.

import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const REPORTED_KIB = '/sys/module/page_reporting/parameters/reported_kib'
/** The kernel looks for free memory every 2 s (PAGE_REPORTING_DELAY). */
const QUIET_MS = 2_500
/** What was freed goes at some 100 MB/s; a machine that never rests is measured as it is. */
const PATIENCE_MS = 40_000

/** Ends when the file system of a directory has written everything and the host has taken what memory was freed. */
export async function settle(directory: string): Promise<void> {
  await run('sync', ['--file-system', directory])
  await hostQuiet()
}

/** Handed back since the machine started, in MB; undefined where the kernel does not count it. */
export function handedBackMB(): number | undefined {
  try {
    return (Number(readFileSync(REPORTED_KIB, 'latin1')) * 1024) / 1e6
  } catch {
    return undefined
  }
}

/** Ends when nothing has been handed back for `QUIET_MS`; at once where the kernel does not count it. */
async function hostQuiet(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  let before = handedBackMB()
  while (before !== undefined && performance.now() < deadline) {
    await pause(QUIET_MS)
    const now = handedBackMB()
    if (now === before) return
    before = now
  }
}
