import {
  BrokerRegistrationChangeRecord,
  ConfigRecord,
  FeatureLevelRecord,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
  RemoveTopicRecord,
  TopicRecord,
} from '../protocol/messages/metadata-records.js'
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  metadataRecordTypeOf,
} from '../protocol/metadata-frame.js'
import type { Schema } from '../protocol/schema.js'

/** The records the metadata image is made of. Values are in the shape of their schema. */
export type MetadataRecord =
  | { readonly type: 'RegisterBroker'; readonly value: RegisterBrokerRecord }
  | { readonly type: 'BrokerRegistrationChange'; readonly value: BrokerRegistrationChangeRecord }
  | { readonly type: 'Topic'; readonly value: TopicRecord }
  | { readonly type: 'Partition'; readonly value: PartitionRecord }
  | { readonly type: 'PartitionChange'; readonly value: PartitionChangeRecord }
  | { readonly type: 'RemoveTopic'; readonly value: RemoveTopicRecord }
  | { readonly type: 'Config'; readonly value: ConfigRecord }
  | { readonly type: 'FeatureLevel'; readonly value: FeatureLevelRecord }
  | { readonly type: 'ProducerIds'; readonly value: ProducerIdsRecord }

type Kind = { readonly schema: Schema; readonly version: number }

/** The version each record is written in: what metadata.version 4.0 writes. */
const kinds: Readonly<Record<MetadataRecord['type'], Kind>> = {
  RegisterBroker: { schema: RegisterBrokerRecord, version: 3 },
  BrokerRegistrationChange: { schema: BrokerRegistrationChangeRecord, version: 2 },
  Topic: { schema: TopicRecord, version: 0 },
  Partition: { schema: PartitionRecord, version: 1 },
  PartitionChange: { schema: PartitionChangeRecord, version: 1 },
  RemoveTopic: { schema: RemoveTopicRecord, version: 0 },
  Config: { schema: ConfigRecord, version: 0 },
  FeatureLevel: { schema: FeatureLevelRecord, version: 0 },
  ProducerIds: { schema: ProducerIdsRecord, version: 0 },
}

const typesByKey = new Map(Object.entries(kinds).map(([type, { schema }]) => [schema.key, type]))

export function encodeRecord({ type, value }: MetadataRecord): Buffer {
  const { schema, version } = kinds[type]
  return encodeMetadataRecord(schema, version, value as never)
}

/** The type as numbered in the log, for records of any type. */
export const recordNumber = metadataRecordTypeOf

/** Null for a record type that the image does not hold. Throws ProtocolError on malformed bytes. */
export function decodeRecord(bytes: Buffer): MetadataRecord | null {
  const type = typesByKey.get(metadataRecordTypeOf(bytes)) as MetadataRecord['type'] | undefined
  if (type === undefined) return null
  return { type, value: decodeMetadataRecord(kinds[type].schema, bytes) } as MetadataRecord
}
