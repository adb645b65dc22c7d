import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokerConfig } from '../../src/config/broker-config.js'
import { type ConfigEntry, ConfigSource } from '../../src/config/config-entry.js'

const parse = (overrides: Record<string, string> = {}) => BrokerConfig.parse({ overrides }).config

function entry(config: BrokerConfig, name: string): ConfigEntry {
  const found = config.entries().find((each) => each.name === name)
  assert.ok(found, name)
  return found
}

test('flag over environment over file over default', () => {
  const { config } = BrokerConfig.parse({
    file: 'num.partitions=2\nmessage.max.bytes=2000\nfetch.max.bytes=5000\n',
    environment: { KAFKA_NUM_PARTITIONS: '3', KAFKA_MESSAGE_MAX_BYTES: '3000' },
    overrides: { 'num.partitions': '4' },
  })
  assert.equal(config.number('num.partitions'), 4)
  assert.equal(config.number('message.max.bytes'), 3000)
  assert.equal(config.number('fetch.max.bytes'), 5000)
  assert.equal(config.number('default.replication.factor'), 1)
})

test('unknown and idle properties are each named once, in one line', () => {
  const { warnings } = BrokerConfig.parse({
    file: 'zebra=1\nant=2\nzookeeper.connect=localhost\nnum.io.threads=8\nsasl.kerberos.kinit.cmd=/bin/kinit\n',
    environment: { KAFKA_OPTS: '-ea', KAFKA_ANT: '3' },
    overrides: {
      'process.roles': 'broker,controller',
      listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    },
  })
  assert.deepEqual(warnings, [
    'Unknown properties are ignored: ant, zebra',
    'These properties are accepted but have no effect here: ' +
      'process.roles, sasl.kerberos.kinit.cmd, zookeeper.connect',
    'These variables concern a Java process and are ignored: KAFKA_OPTS',
    'Controller listeners are not opened, the controller is embedded: CONTROLLER',
  ])
})

test('a broken value refuses to start and names key, value and what is accepted', () => {
  const refused: [Record<string, string>, string, RegExp][] = [
    [{ 'num.partitions': 'many' }, 'num.partitions', /Invalid value many for configuration num.partitions/],
    [{ 'node.id': '1', 'broker.id': '2' }, 'broker.id', /node.id is 1 and both must agree/],
    [{ 'node.id': '-1' }, 'node.id', /at least 0/],
    [{ 'log.dirs': 'a,./a' }, 'log.dirs', /names a directory twice/],
    [{ 'log.retention.hours': '0' }, 'log.retention.ms', /must be -1 or at least 1/],
    [
      { 'leader.replication.throttled.rate': '1' },
      'leader.replication.throttled.rate',
      /while the broker runs/,
    ],
    [
      { 'group.consumer.session.timeout.ms': '1000' },
      'group.consumer.min.session.timeout.ms',
      /must not exceed/,
    ],
    [{ 'group.min.session.timeout.ms': '2000000' }, 'group.min.session.timeout.ms', /must not exceed/],
    [{ 'millrace.network.slab.bytes': '1048576' }, 'millrace.network.slab.bytes', /socket.request.max.bytes/],
  ]
  for (const [overrides, key, message] of refused) {
    assert.throws(() => parse(overrides), { code: 'MILLRACE_CONFIG', key, message })
  }
})

test('a file as Kafka ships it for one node starts', () => {
  const file = [
    'process.roles=broker,controller',
    'node.id=1',
    'controller.quorum.bootstrap.servers=localhost:9093',
    'listeners=PLAINTEXT://:9092,CONTROLLER://:9093',
    'inter.broker.listener.name=PLAINTEXT',
    'advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL',
    'num.network.threads=3',
    'num.io.threads=8',
    'log.dirs=/tmp/kraft-combined-logs',
    'num.partitions=1',
    'num.recovery.threads.per.data.dir=2',
    'offsets.topic.replication.factor=1',
    'log.retention.hours=168',
    'log.segment.bytes=1073741824',
    'log.retention.check.interval.ms=300000',
  ].join('\n')
  const { config } = BrokerConfig.parse({ file })
  assert.deepEqual(config.listeners, [
    { name: 'PLAINTEXT', host: '', port: 9092, advertised: { host: 'localhost', port: 9092 } },
  ])
  assert.deepEqual(config.logDirs, ['/tmp/kraft-combined-logs'])
})

test('log directories are absolute, either key gives them', () => {
  const at = (overrides: Record<string, string>) =>
    BrokerConfig.parse({ overrides, workingDirectory: '/srv' }).config.logDirs
  assert.deepEqual(at({}), ['/srv/data'])
  assert.deepEqual(at({ 'log.dir': '/a' }), ['/a'])
  assert.deepEqual(at({ 'log.dir': '/a', 'log.dirs': 'b,/c' }), ['/srv/b', '/c'])
})

test('retention comes from ms, then minutes, then hours', () => {
  assert.equal(parse().retentionMs, 168 * 3_600_000)
  assert.equal(parse({ 'log.retention.hours': '1' }).retentionMs, 3_600_000)
  assert.equal(parse({ 'log.retention.hours': '1', 'log.retention.minutes': '2' }).retentionMs, 120_000)
  assert.equal(parse({ 'log.retention.minutes': '2', 'log.retention.ms': '-1' }).retentionMs, -1)
})

test('dynamic values lie over static ones, watches hear of changes in force only', () => {
  const config = parse({ 'log.segment.bytes': '2000000' })
  const heard: unknown[] = []
  const stop = config.watch('log.segment.bytes', (value) => heard.push(value))
  const keys: string[] = []
  config.watchAll((name) => keys.push(name))
  config.setDynamic('log.segment.bytes', '3000000', 'cluster')
  config.setDynamic('log.segment.bytes', '4000000')
  config.setDynamic('log.segment.bytes', '5000000', 'cluster')
  assert.equal(config.number('log.segment.bytes'), 4_000_000)
  assert.deepEqual(entry(config, 'log.segment.bytes').synonyms, [
    { name: 'log.segment.bytes', value: '4000000', source: ConfigSource.DYNAMIC_BROKER_CONFIG },
    { name: 'log.segment.bytes', value: '5000000', source: ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG },
    { name: 'log.segment.bytes', value: '2000000', source: ConfigSource.STATIC_BROKER_CONFIG },
    { name: 'log.segment.bytes', value: '1073741824', source: ConfigSource.DEFAULT_CONFIG },
  ])
  assert.deepEqual(
    config.clusterEntries().map((each) => [each.name, each.value, each.source]),
    [['log.segment.bytes', '5000000', ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG]],
  )
  config.setDynamic('log.segment.bytes', null)
  stop()
  config.setDynamic('log.segment.bytes', null, 'cluster')
  assert.equal(config.number('log.segment.bytes'), 2_000_000)
  assert.deepEqual(heard, [3_000_000, 4_000_000, 5_000_000])
  assert.equal(keys.length, 4)
})

test('dynamic changes are refused in Kafka’s words', () => {
  const config = parse()
  assert.equal(config.dynamicProblem('log.segment.bytes', '2000000'), null)
  assert.equal(config.dynamicProblem('no.such', '1'), 'Unknown broker config name: no.such')
  assert.match(config.dynamicProblem('num.partitions', '1') ?? '', /Cannot update these configs dynamically/)
  assert.match(config.dynamicProblem('listeners', 'A://:1', 'cluster') ?? '', /at default cluster level/)
  assert.match(config.dynamicProblem('log.segment.bytes', '1') ?? '', /Value must be at least 1048576/)
  assert.throws(() => config.setDynamic('log.segment.bytes', '1'), { code: 'MILLRACE_CONFIG' })
})

test('descriptions: source, type, read-only, secrets', () => {
  const config = parse({ 'ssl.key.password': 'secret', 'broker.rack': 'r1' })
  assert.deepEqual(entry(config, 'broker.rack'), {
    name: 'broker.rack',
    value: 'r1',
    readOnly: true,
    source: ConfigSource.STATIC_BROKER_CONFIG,
    sensitive: false,
    type: 2,
    documentation: 'Rack of this broker, told to clients and used to spread replicas.',
    synonyms: [{ name: 'broker.rack', value: 'r1', source: ConfigSource.STATIC_BROKER_CONFIG }],
  })
  const secret = entry(config, 'ssl.key.password')
  assert.equal(JSON.stringify(secret).includes('secret'), false)
  assert.deepEqual([secret.value, secret.sensitive, secret.readOnly], [null, true, false])
  const names = config.entries().map((each) => each.name)
  assert.equal(names.includes('log.initial.task.delay.ms'), false)
  assert.equal(names.includes('leader.replication.throttled.rate'), false)
})
