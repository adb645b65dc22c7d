// Goal: the tables agree with the published facts about Kafka's keys. The facts lie beside the checkout when the
// project is developed; elsewhere this file has nothing to compare with and says so.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ConfigKey } from '../../src/config/config-key.js'
import { groupKeys } from '../../src/config/keys/group.js'
import { topicKeys } from '../../src/config/keys/topic.js'
import { brokerKeys } from '../../src/config/keys.js'

interface Fact {
  name: string
  type: string
  default?: unknown
  valid?: {
    min?: number
    max?: number
    or?: number[]
    oneOf?: string[]
    listOf?: string[]
    emptyAllowed?: boolean
  }
  dynamic?: string
  internal?: boolean
  required?: boolean
  topicConfig?: string
  topicUnit?: string
  brokerSynonym?: string | null
  serverDefaults?: (string | { name: string; unit: 'hours' | 'minutes' })[]
}

const path = fileURLToPath(new URL('../../../shared/protocol/configs.json', import.meta.url))
const skip = existsSync(path) ? false : `${path} is not here`
const facts: { broker: Fact[]; brokerDynamicOnly: Fact[]; topic: Fact[]; group: Fact[] } = skip
  ? { broker: [], brokerDynamicOnly: [], topic: [], group: [] }
  : JSON.parse(readFileSync(path, 'utf8')).configs

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? value.join(',') : String(value)
}

function compare(fact: Fact, key: ConfigKey | undefined): void {
  assert.ok(key, `${fact.name} is missing`)
  const { min, max, or, oneOf, listOf, emptyAllowed } = fact.valid ?? {}
  const ours = key.valid
  assert.deepEqual(
    {
      name: key.name,
      type: key.type,
      default: key.kafkaDefault,
      internal: key.internal,
      min: ours.min,
      max: ours.max,
      or: ours.or,
      oneOf: ours.oneOf,
      listOf: ours.listOf,
      emptyAllowed: ours.emptyAllowed,
    },
    {
      name: fact.name,
      type: fact.type,
      default: textOf(fact.default),
      internal: fact.internal ?? false,
      min,
      max,
      or,
      oneOf,
      listOf,
      emptyAllowed,
    },
  )
  assert.match(key.doc, /^[A-Z].{10,}\.$/)
}

test('every broker key of Kafka, and only our own besides', { skip }, () => {
  for (const fact of [...facts.broker, ...facts.brokerDynamicOnly]) {
    compare(fact, brokerKeys.get(fact.name))
    if (!fact.dynamic?.includes('not settable')) assert.equal(brokerKeys.get(fact.name)?.scope, fact.dynamic)
  }
  const known = new Set([...facts.broker, ...facts.brokerDynamicOnly].map((fact) => fact.name))
  for (const name of brokerKeys.keys()) assert.ok(known.has(name) || name.startsWith('millrace.'), name)
})

test('every topic key, with the broker keys that give its default', { skip }, () => {
  assert.deepEqual(
    topicKeys.map((key) => key.name),
    facts.topic.map((fact) => fact.name),
  )
  const unit = { hours: 3_600_000, minutes: 60_000 }
  for (const [index, fact] of facts.topic.entries()) {
    const key = topicKeys[index]
    compare(fact, key)
    assert.deepEqual(
      key?.serverDefaults,
      (fact.serverDefaults ?? []).map((each) =>
        typeof each === 'string' ? { name: each, unit: 1 } : { name: each.name, unit: unit[each.unit] },
      ),
    )
  }
  for (const fact of facts.broker.filter((each) => each.topicConfig)) {
    const key = topicKeys.find((each) => each.name === fact.topicConfig)
    assert.ok(
      key?.serverDefaults.some((each) => each.name === fact.name),
      fact.name,
    )
  }
})

test('every group key, with the broker key that gives its default', { skip }, () => {
  assert.deepEqual(
    groupKeys.map((key) => [key.name, key.serverDefault]),
    facts.group.map((fact) => [fact.name, fact.brokerSynonym]),
  )
  for (const [index, fact] of facts.group.entries()) compare(fact, groupKeys[index])
})

test('our defaults differ from Kafka where one embedded node needs it, and nowhere else', () => {
  const different = [...brokerKeys.values()].filter((key) => key.default !== key.kafkaDefault)
  assert.deepEqual(Object.fromEntries(different.map((key) => [key.name, key.default])), {
    listeners: 'PLAINTEXT://0.0.0.0:9092',
    'log.dir': './data',
    'node.id': '1',
    'offsets.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.replication.factor': '1',
  })
})
