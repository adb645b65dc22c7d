// Goal: what other programs print is read rightly, and a run that fell short is never taken for a figure.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProducerPerformance } from '../../bench/compare/java-tools.js'
import { rateOf } from '../../bench/compare/librdkafka.js'
import { costOf } from '../../bench/compare/metered.js'
import { COUNTERS } from '../../bench/compare/system-calls.js'
import { cpuSecondsBetween, usageOf } from '../../bench/compare/usage.js'

test('the last line of the producer tool', () => {
  const output = `5 records sent, 1.0 records/sec (0.00 MB/sec), 2.0 ms avg latency, 3.0 ms max latency.
2000 records sent, 45454.5 records/sec (43.35 MB/sec), 2.50 ms avg latency, 310.00 ms max latency, 2 ms 50th, 9 ms 95th, 12 ms 99th, 14 ms 99.9th.
`
  assert.deepEqual(parseProducerPerformance(output, 1_000), {
    bytesPerSecond: 45_454_500,
    p50Ms: 2,
    p99Ms: 12,
    p999Ms: 14,
    maxMs: 310,
  })
  assert.throws(() => parseProducerPerformance('org.apache.kafka.common.KafkaException', 1), /ended with/)
})

test("the summaries of librdkafka's tool", () => {
  const produced =
    '% 1000 messages produced (100000 bytes), 900 delivered (offset 0, 0 failed) in 10ms: 90000 msgs/s and 9.00 MB/s, 0 produce failures, 100 in queue, no compression\n' +
    '% 1000 messages produced (100000 bytes), 1000 delivered (offset 0, 0 failed) in 20ms: 50000 msgs/s and 5.00 MB/s, 0 produce failures, 0 in queue, no compression\n'
  assert.deepEqual(rateOf(produced, 1_000), { recordsPerSecond: 50_000, MBps: 5 })
  assert.throws(() => rateOf(produced, 1_001), /did not do 1001 records/)
  const consumed = '% 1000 messages (100000 bytes) consumed in 8ms: 125000 msgs/s (12.50 MB/s)\n'
  assert.deepEqual(rateOf(consumed, 1_000), { recordsPerSecond: 125_000, MBps: 12.5 })
})

test('the counts of perf and of strace', () => {
  assert.equal(COUNTERS.perf.count('242597,,raw_syscalls:sys_enter,33714090,100.00,,\n'), 242_597)
  assert.equal(COUNTERS.perf.count('<not counted>,,raw_syscalls:sys_enter,0,100.00,,\n'), undefined)
  const summary = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 99.00    0.001000           5       200        12 recvfrom
  1.00    0.000010           5         2           epoll_wait
------ ----------- ----------- --------- --------- ----------------
100.00    0.001010                   202        12 total
`
  assert.equal(COUNTERS.strace.count(summary), 202)
  assert.equal(COUNTERS.strace.count('strace: attach: Operation not permitted'), undefined)
})

test('costs are divided by the whole work, and by requests only where they are known', () => {
  const before = {
    threadSeconds: 3,
    userSeconds: 1,
    systemSeconds: 2,
    residentBytes: 1,
    contextSwitches: 1_000,
  }
  const after = {
    threadSeconds: 3.4,
    userSeconds: 1.1,
    systemSeconds: 2.3,
    residentBytes: 5e6,
    contextSwitches: 5_000,
  }
  const rounded = (work: { bytes: number; requests?: number }) =>
    Object.fromEntries(
      Object.entries(costOf(work, before, after)).map(([name, value]) => [name, Number(value.toFixed(6))]),
    )
  assert.deepEqual(rounded({ bytes: 200_000_000, requests: 2_000 }), {
    userSecondsPerGB: 0.5,
    systemSecondsPerGB: 1.5,
    cpuSecondsPerGB: 2,
    userSecondsPerMillionRequests: 50,
    systemSecondsPerMillionRequests: 150,
    cpuSecondsPerMillionRequests: 200,
    switchesPerRequest: 2,
    rssMB: 5,
  })
  assert.deepEqual(rounded({ bytes: 200_000_000 }), {
    userSecondsPerGB: 0.5,
    systemSecondsPerGB: 1.5,
    cpuSecondsPerGB: 2,
    switchesPerMB: 20,
    rssMB: 5,
  })
})

test('CPU seconds are counted finely, and by ticks when a thread has ended', () => {
  const at = (threadSeconds: number, userSeconds: number) => {
    return { threadSeconds, userSeconds, systemSeconds: 0, residentBytes: 0, contextSwitches: 0 }
  }
  assert.equal(cpuSecondsBetween(at(0, 0), at(0.123, 0.12)), 0.123)
  assert.equal(cpuSecondsBetween(at(5, 5), at(4, 6)), 1)
  const { threadSeconds, userSeconds, systemSeconds } = usageOf(process.pid)
  assert.ok(threadSeconds > 0 && userSeconds + systemSeconds > 0)
})
