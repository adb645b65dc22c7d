import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsFromEnvironment } from '../../src/config/environment.js'

test('variables become properties, images’ own and Java’s do not', () => {
  const { properties, javaVariables } = settingsFromEnvironment({
    PATH: '/bin',
    KAFKA_LOG_DIRS: '/data',
    KAFKA_CFG_NODE_ID: '3',
    KAFKA_CFG_LOG_DIRS: '/older',
    KAFKA_LISTENER_NAME_A___B_SSL__X: 'v',
    KAFKA_HEAP_OPTS: '-Xmx1G',
    KAFKA_JMX_OPTS: '',
    KAFKA_VERSION: '4.3.1',
    KAFKA_UNSET: undefined,
    CLUSTER_ID: '4L6g3nShT-eMCtK--X86sw',
  })
  assert.deepEqual(Object.fromEntries(properties), {
    'millrace.cluster.id': '4L6g3nShT-eMCtK--X86sw',
    'node.id': '3',
    'log.dirs': '/data',
    'listener.name.a-b.ssl_x': 'v',
  })
  assert.deepEqual(javaVariables, ['KAFKA_HEAP_OPTS', 'KAFKA_JMX_OPTS'])
})
