import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokerConfig } from '../../src/config/broker-config.js'
import {
  groupConfigConflict,
  groupConfigEntries,
  resolveGroupConfig,
  validateGroupConfig,
} from '../../src/config/group-config.js'

const { config } = BrokerConfig.parse()

test('overrides over the broker’s defaults, moved into the broker’s bounds', () => {
  const overrides = new Map([
    ['consumer.session.timeout.ms', '50000'],
    ['consumer.heartbeat.interval.ms', '1'],
  ])
  const group = resolveGroupConfig(config, overrides)
  assert.equal(group.consumerSessionTimeoutMs, 50_000)
  assert.equal(group.consumerHeartbeatIntervalMs, 5_000)
  assert.equal(group.shareSessionTimeoutMs, 45_000)
  assert.equal(group.shareRenewAcknowledgeEnable, true)
})

test('refusals', () => {
  const problem = (name: string, value: string | null) => validateGroupConfig(config, name, value)
  assert.equal(problem('consumer.session.timeout.ms', '50000'), null)
  assert.equal(problem('no.such', '1'), 'Unknown group config name: no.such')
  assert.match(problem('consumer.session.timeout.ms', null) ?? '', /Null value/)
  assert.match(problem('consumer.session.timeout.ms', 'x') ?? '', /Not a number of type INT/)
  assert.equal(
    problem('consumer.session.timeout.ms', '70000'),
    'consumer.session.timeout.ms must be in the range 45000 to 60000 inclusive.',
  )
  assert.equal(
    problem('consumer.session.timeout.ms', '7'),
    'consumer.session.timeout.ms must be in the range 45000 to 60000 inclusive.',
  )
  assert.equal(
    problem('streams.num.standby.replicas', '9'),
    'streams.num.standby.replicas must be less than or equal to 2',
  )
  for (const good of ['earliest', 'latest', 'by_duration:PT1H', 'by_duration:P1DT2H3M4.5S']) {
    assert.equal(problem('share.auto.offset.reset', good), null)
  }
  for (const bad of ['none', 'by_duration:', 'by_duration:P', 'by_duration:PT', 'by_duration:-PT1S']) {
    assert.match(problem('share.auto.offset.reset', bad) ?? '', /ISO 8601/)
  }
})

test('a session must outlast the pause between two heartbeats, whichever of them is overridden', () => {
  const overrides = { 'group.consumer.max.heartbeat.interval.ms': '70000' }
  const wide = BrokerConfig.parse({ overrides }).config
  const conflict = (own: Record<string, string>) => groupConfigConflict(wide, new Map(Object.entries(own)))
  const heartbeat = 'consumer.heartbeat.interval.ms'
  const session = 'consumer.session.timeout.ms'
  assert.equal(conflict({}), null)
  assert.equal(conflict({ [heartbeat]: '44999' }), null)
  assert.equal(conflict({ [heartbeat]: '45000' }), `${session} must be greater than ${heartbeat}`)
  assert.equal(conflict({ [heartbeat]: '45000', [session]: '45001' }), null)
  assert.equal(
    conflict({ [heartbeat]: '60000', [session]: '60000' }),
    `${session} must be greater than ${heartbeat}`,
  )
})

test('descriptions', () => {
  const entries = groupConfigEntries(config, new Map([['share.heartbeat.interval.ms', '6000']]))
  const entry = entries.find((each) => each.name === 'share.heartbeat.interval.ms')
  assert.deepEqual([entry?.value, entry?.source, entry?.synonyms.length], ['6000', 8, 2])
  assert.equal(entries.length, 17)
})
