// Where the script and the addon meet in memory, and the numbers both sides write down. The addon exports its
// own; `checkLayout` compares them at load, so that a stale binary refuses to start instead of misreading.

import { CloseReason, FrameVerdict, Inspection, LookupStatus } from './engine.js'

/** Command records: an op, seven int32 fields, three doubles. See `native/command_layout.h` for the table. */
export const Op = {
  send: 1,
  sendCopy: 2,
  sendAfterAppends: 3,
  awaitAppends: 4,
  skip: 5,
  close: 6,
  pause: 7,
  resume: 8,
  forget: 9,
  release: 10,
  append: 11,
  appendCopy: 12,
  resumeLog: 13,
  configureLog: 14,
} as const

/** Event types; those from 100 on carry a payload that `takePayload` converts. */
export const EventType = {
  frame: 1,
  closed: 2,
  appended: 3,
  rolled: 4,
  ticketFailed: 5,
  ticketDone: 6,
  stopped: 7,
  listenerClosed: 8,
  indexRebuilt: 9,
  accepted: 100,
  logFailed: 101,
  done: 102,
  transcode: 103,
} as const

/** Rare verbs of a log; `native/log_verb.h` says what their numbers mean. */
export const Verb = {
  findTimestamp: 1,
  findMaxTimestamp: 2,
  readBytes: 3,
  readHeaders: 4,
  roll: 5,
  flushLog: 6,
  truncate: 7,
  advanceStart: 8,
  closeLog: 9,
  endMove: 10,
} as const

export const Sizes = {
  eventBytes: 32,
  eventNumberOffset: 16,
  eventPayloadOffset: 24,
  eventCapacity: 16_384,
  commandBytes: 64,
  commandNumberOffset: 32,
  commandCapacity: 16_384,
  sliceBytes: 32,
  lookupBytes: 64,
  lookupCapacity: 4096,
  outboxBytes: 4 * 1024 * 1024,
  copyBytes: 1024 * 1024,
} as const

/** Throws naming the first field on which the addon disagrees. */
export function checkLayout(native: Readonly<Record<string, number>>): void {
  const expected: Record<string, number> = {
    ...Sizes,
    ...prefixed('op', Op),
    ...prefixed('event', EventType),
    ...prefixed('verb', Verb),
    ...prefixed('close', CloseReason),
    ...prefixed('verdict', FrameVerdict),
    ...prefixed('inspection', Inspection),
    ...prefixed('lookup', LookupStatus),
  }
  for (const name of new Set([...Object.keys(expected), ...Object.keys(native)])) {
    if (expected[name] === native[name]) continue
    throw new Error(
      `the addon was built for another version: ${name} is ${native[name]}, expected ${expected[name]}; ` +
        'run npm run build:native',
    )
  }
}

function prefixed(prefix: string, values: Readonly<Record<string, number>>): Record<string, number> {
  const named: Record<string, number> = {}
  for (const [name, value] of Object.entries(values)) {
    named[prefix + name.charAt(0).toUpperCase() + name.slice(1)] = value
  }
  return named
}
