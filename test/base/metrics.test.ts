import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsRegistry } from '../../src/base/metrics.js'

test('Prometheus text of every kind', () => {
  const registry = new MetricsRegistry()
  registry.counter('requests_total', 'Requests.', { api: 'Produce' }).add(3)
  registry.counter('requests_total', 'Requests.', { api: 'a"b' }).add()
  registry.gauge('partitions', 'Partitions\nhere.', () => 7)
  const seconds = registry.histogram('wait_seconds', 'Wait.', [0.1, 1], { api: 'Fetch' })
  for (const value of [0.05, 0.1, 0.5, 5]) seconds.observe(value)
  assert.equal(
    registry.prometheusText(),
    [
      '# HELP requests_total Requests.',
      '# TYPE requests_total counter',
      'requests_total{api="Produce"} 3',
      'requests_total{api="a\\"b"} 1',
      '# HELP partitions Partitions\\nhere.',
      '# TYPE partitions gauge',
      'partitions 7',
      '# HELP wait_seconds Wait.',
      '# TYPE wait_seconds histogram',
      'wait_seconds_bucket{api="Fetch",le="0.1"} 2',
      'wait_seconds_bucket{api="Fetch",le="1"} 3',
      'wait_seconds_bucket{api="Fetch",le="+Inf"} 4',
      'wait_seconds_sum{api="Fetch"} 5.65',
      'wait_seconds_count{api="Fetch"} 4',
      '',
    ].join('\n'),
  )
})

test('the same name and labels are the same counter; another type is our bug', () => {
  const registry = new MetricsRegistry()
  registry.counter('a', 'A.').add()
  registry.counter('a', 'A.').add()
  assert.match(registry.prometheusText(), /^a 2$/m)
  assert.throws(() => registry.gauge('a', 'A.', () => 1), { code: 'MILLRACE_ASSERTION' })
})

test('past the limit of series new ones are counted together', () => {
  const registry = new MetricsRegistry()
  for (let index = 0; index < 1_005; index++) registry.counter('a', 'A.', { n: String(index) }).add()
  assert.match(registry.prometheusText(), /^a\{series="other"\} 5$/m)
})
