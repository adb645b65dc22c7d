// Every broker key, by name.

import type { ConfigKey, ConfigTypeName } from './config-key.js'
import { groupsKeys } from './keys/groups.js'
import { kraftKeys } from './keys/kraft.js'
import { logKeys } from './keys/log.js'
import { logCleanerKeys } from './keys/log-cleaner.js'
import { metricsKeys } from './keys/metrics.js'
import { millraceKeys } from './keys/millrace.js'
import { quotaKeys } from './keys/quota.js'
import { replicationKeys } from './keys/replication.js'
import { saslKeys } from './keys/sasl.js'
import { saslOauthKeys } from './keys/sasl-oauth.js'
import { serverKeys } from './keys/server.js'
import { shareGroupsKeys } from './keys/share-groups.js'
import { socketKeys } from './keys/socket.js'
import { sslKeys } from './keys/ssl.js'
import { streamsGroupsKeys } from './keys/streams-groups.js'
import { tieredStorageKeys } from './keys/tiered-storage.js'
import { topicKeys } from './keys/topic.js'
import { transactionKeys } from './keys/transaction.js'

const tables = [
  ...socketKeys,
  ...serverKeys,
  ...logKeys,
  ...logCleanerKeys,
  ...replicationKeys,
  ...kraftKeys,
  ...quotaKeys,
  ...metricsKeys,
  ...transactionKeys,
  ...groupsKeys,
  ...shareGroupsKeys,
  ...streamsGroupsKeys,
  ...saslKeys,
  ...saslOauthKeys,
  ...sslKeys,
  ...tieredStorageKeys,
  ...millraceKeys,
]

type BrokerKey = (typeof tables)[number]
type NameOf<Key, Type extends ConfigTypeName> =
  Key extends ConfigKey<infer Name, infer Has> ? (Has extends Type ? Name : never) : never

export type BrokerKeyName = BrokerKey['name']
export type NumberKeyName = NameOf<BrokerKey, 'INT' | 'SHORT' | 'LONG' | 'DOUBLE'>
export type BooleanKeyName = NameOf<BrokerKey, 'BOOLEAN'>
export type StringKeyName = NameOf<BrokerKey, 'STRING' | 'CLASS' | 'PASSWORD'>
export type ListKeyName = NameOf<BrokerKey, 'LIST'>

export const brokerKeys: ReadonlyMap<string, ConfigKey> = new Map(tables.map((key) => [key.name, key]))

/** Broker keys of one meaning, the one that wins first; a key without synonyms is alone. */
export function brokerSynonyms(name: string): readonly string[] {
  return synonymGroups.find((group) => group.includes(name)) ?? [name]
}

const synonymGroups: readonly (readonly string[])[] = [
  ['node.id', 'broker.id'],
  ['log.dirs', 'log.dir'],
  ...topicKeys.map((key) => key.serverDefaults.map((each) => each.name)).filter((names) => names.length > 1),
]
