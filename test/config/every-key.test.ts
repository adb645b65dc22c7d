// Goal: no text can break a key. Method: every key with made-up texts, numbers near every limit and its own default.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BrokerConfig } from '../../src/config/broker-config.js'
import { ConfigError, parseValue, valueProblem } from '../../src/config/config-value.js'
import { groupKeys } from '../../src/config/keys/group.js'
import { topicKeys } from '../../src/config/keys/topic.js'
import { brokerKeys } from '../../src/config/keys.js'
import { topicConfigNames, validateTopicConfig } from '../../src/config/topic-config.js'

const keys = [...brokerKeys.values(), ...topicKeys, ...groupKeys]
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.double().map(String),
  fc.constantFrom('true', 'FALSE', '', ' ', ',', 'a,b', 'producer', 'compact,delete', '-1', '0', '1e400'),
)

test('a text is refused with a message or accepted for good', () => {
  fc.assert(
    fc.property(fc.constantFrom(...keys), texts, (key, text) => {
      if (valueProblem(key, text) !== null) return
      const first = parseValue(key, text)
      assert.deepEqual(parseValue(key, first.text), first)
      if (typeof first.value === 'number') assert.ok(Number.isFinite(first.value), `${key.name} ${text}`)
    }),
    { numRuns: 5_000 },
  )
})

test('every default is accepted by its own key', () => {
  const nullable = new Set(['share.auto.offset.reset'])
  for (const key of keys) {
    if (!nullable.has(key.name)) assert.equal(valueProblem(key, key.default), null, key.name)
  }
})

test('any settings at all start or fail with a ConfigError', () => {
  const settings = fc.dictionary(fc.constantFrom(...brokerKeys.keys()), texts, { maxKeys: 4 })
  fc.assert(
    fc.property(settings, (overrides) => {
      try {
        const { config } = BrokerConfig.parse({ overrides })
        assert.ok(config.listeners.length > 0 && config.logDirs.length > 0)
        assert.ok(config.entries().every((entry) => entry.documentation !== ''))
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error))
      }
    }),
    { numRuns: 1_000 },
  )
})

test('topic settings are refused with a message or accepted', () => {
  fc.assert(
    fc.property(fc.constantFrom(...topicConfigNames(), 'no.such'), texts, (name, text) => {
      const problem = validateTopicConfig(name, text)
      assert.ok(problem === null || problem.length > 10)
    }),
  )
})
