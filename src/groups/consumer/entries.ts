import { encode } from '../../protocol/compile.js'
import {
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMemberMetadataValue,
  ConsumerGroupMetadataKey,
  ConsumerGroupMetadataValue,
  ConsumerGroupPartitionMetadataKey,
  ConsumerGroupPartitionMetadataValue,
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupRegularExpressionValue,
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMemberValue,
  ConsumerGroupTargetAssignmentMetadataKey,
  ConsumerGroupTargetAssignmentMetadataValue,
} from '../../protocol/messages/consumer-group-records.js'
import type { Infer, Schema } from '../../protocol/schema.js'
import { decodeRecordKey, decodeVersioned } from '../../protocol/versioned.js'
import type { Writer } from '../../protocol/writer.js'

/** The record kinds of a consumer group: how each is keyed and what it holds. */
const kinds = {
  'consumer-epoch': { key: ConsumerGroupMetadataKey, value: ConsumerGroupMetadataValue },
  'consumer-partitions': {
    key: ConsumerGroupPartitionMetadataKey,
    value: ConsumerGroupPartitionMetadataValue,
  },
  'consumer-member': { key: ConsumerGroupMemberMetadataKey, value: ConsumerGroupMemberMetadataValue },
  'consumer-target-epoch': {
    key: ConsumerGroupTargetAssignmentMetadataKey,
    value: ConsumerGroupTargetAssignmentMetadataValue,
  },
  'consumer-target': {
    key: ConsumerGroupTargetAssignmentMemberKey,
    value: ConsumerGroupTargetAssignmentMemberValue,
  },
  'consumer-current': {
    key: ConsumerGroupCurrentMemberAssignmentKey,
    value: ConsumerGroupCurrentMemberAssignmentValue,
  },
  'consumer-regex': {
    key: ConsumerGroupRegularExpressionKey,
    value: ConsumerGroupRegularExpressionValue,
  },
} as const

type Kinds = typeof kinds
export type ConsumerEntryType = keyof Kinds

/** What one record of a consumer group says; a null value is a tombstone. */
export type ConsumerEntry = {
  [Type in ConsumerEntryType]: {
    readonly type: Type
    readonly key: Infer<Kinds[Type]['key']>
    readonly value: Infer<Kinds[Type]['value']> | null
  }
}[ConsumerEntryType]

const typeByRecord = new Map<number, ConsumerEntryType>(
  (Object.keys(kinds) as ConsumerEntryType[]).map((type) => [kinds[type].key.key, type]),
)

export function writeConsumerKey({ type, key }: ConsumerEntry, writer: Writer): void {
  const schema: Schema = kinds[type].key
  writer.int16(schema.key)
  encode(schema, 0, writer, key)
}

/** Every kind has one version of its value, 0. */
export function writeConsumerValue({ type, value }: ConsumerEntry, writer: Writer): void {
  writer.int16(0)
  encode<Schema>(kinds[type].value, 0, writer, value ?? {})
}

/** Null for a record that is not one of a consumer group. */
export function decodeConsumerEntry(
  recordType: number,
  key: Buffer,
  value: Buffer | null,
): ConsumerEntry | null {
  const type = typeByRecord.get(recordType)
  if (type === undefined) return null
  const schemas: { key: Schema; value: Schema } = kinds[type]
  return {
    type,
    key: decodeRecordKey(schemas.key, key),
    value: value === null ? null : decodeVersioned(schemas.value, value),
  } as ConsumerEntry
}
