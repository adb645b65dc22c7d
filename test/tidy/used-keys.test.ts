// Goal: a key that says `used` is read by some room, and one that says `accepted` is read by none. Method: the
// key's name as a string outside its table, or the topic or group key that takes its default from it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupKeys } from '../../src/config/keys/group.js'
import { topicKeys } from '../../src/config/keys/topic.js'
import { brokerKeys } from '../../src/config/keys.js'
import { sources } from './sources.js'

const readers = sources('src', /\.ts$/).filter(({ path }) => !path.startsWith('src/config/'))
const text = readers.map((each) => each.text).join('\n')
/** Read by the configuration itself, which hands out what it made of them. */
const config = new Set([
  'listeners',
  'advertised.listeners',
  'listener.security.protocol.map',
  'controller.listener.names',
  'node.id',
  'broker.id',
  'log.dirs',
  'log.dir',
  ...['session.timeout', 'heartbeat.interval', 'assignment.interval'].flatMap((timing) => [
    `group.consumer.min.${timing}.ms`,
    `group.consumer.max.${timing}.ms`,
  ]),
])
const camelCase = (name: string) => name.replace(/\.([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** Fields of TopicConfig and GroupConfig are read by name. */
const isField = (name: string) => new RegExp(`\\b${camelCase(name)}\\b`).test(text)
const usedTopics = topicKeys.filter((key) => isField(key.name) || key.name === 'internal.segment.bytes')
const usedGroups = groupKeys.filter((key) => isField(key.name))
const defaults = new Set([
  ...usedTopics.flatMap((key) => key.serverDefaults.map(({ name }) => name)),
  ...usedGroups.flatMap((key) => (key.serverDefault === null ? [] : [key.serverDefault])),
])
const isRead = (name: string) => config.has(name) || defaults.has(name) || text.includes(`'${name}'`)

const readNames = (names: Iterable<string>) => [...names].toSorted()

test('broker keys', () => {
  const keys = [...brokerKeys.values()]
  assert.deepEqual(
    readNames(keys.filter((key) => key.applies === 'used').map((key) => key.name)),
    readNames(keys.filter((key) => isRead(key.name)).map((key) => key.name)),
    'change `applies` of these keys in src/config/keys/',
  )
})

test('topic keys', () => {
  assert.deepEqual(
    readNames(topicKeys.filter((key) => key.applies === 'used').map((key) => key.name)),
    readNames(usedTopics.map((key) => key.name)),
    'change `applies` of these keys in src/config/keys/topic.ts',
  )
})

test('group keys', () => {
  assert.deepEqual(
    readNames(groupKeys.filter((key) => key.applies === 'used').map((key) => key.name)),
    readNames(usedGroups.map((key) => key.name)),
    'change `applies` of these keys in src/config/keys/group.ts',
  )
})
