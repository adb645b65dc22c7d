// What a process cost, read from /proc: CPU seconds, resident memory, context switches.

import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ, 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100

export interface Usage {
  /** To the nanosecond, of the threads there are now; a thread that ended took its part along. */
  readonly threadSeconds: number
  /** To the tick, of all threads there ever were. */
  readonly userSeconds: number
  readonly systemSeconds: number
  readonly residentBytes: number
  readonly contextSwitches: number
}

export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
  return {
    threadSeconds: threadSecondsOf(pid),
    userSeconds: Number(fields[11]) / TICKS_PER_SECOND,
    systemSeconds: Number(fields[12]) / TICKS_PER_SECOND,
    residentBytes: Number(resident?.[1] ?? 0) * 1024,
    contextSwitches: contextSwitchesOf(pid),
  }
}

/** Of both modes between two moments: the finer count, unless threads that ended make it the wrong one. */
export function cpuSecondsBetween(before: Usage, after: Usage): number {
  const user = after.userSeconds - before.userSeconds
  const system = after.systemSeconds - before.systemSeconds
  const fine = after.threadSeconds - before.threadSeconds
  return Math.abs(fine - user - system) <= 4 / TICKS_PER_SECOND ? fine : user + system
}

function threadSecondsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const nanoseconds = threads.map((thread) => {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0])
  })
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9
}

/** Summed over threads; a thread that ended took its count along. */
function contextSwitchesOf(pid: number): number {
  let total = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1')
    for (const match of status.matchAll(/ctxt_switches:\s+(\d+)/g)) total += Number(match[1])
  }
  return total
}
