import type { EntryCodec } from '../coordinator/state-machine.js'
import { encode } from '../protocol/compile.js'
import {
  GroupMetadataKey,
  GroupMetadataValue,
  LegacyOffsetCommitKey,
  OffsetCommitKey,
  OffsetCommitValue,
} from '../protocol/messages/group-metadata-records.js'
import { decodeRecordKey, decodeVersioned, recordTypeOf } from '../protocol/versioned.js'
import type { Writer } from '../protocol/writer.js'
import {
  type ConsumerEntry,
  decodeConsumerEntry,
  writeConsumerKey,
  writeConsumerValue,
} from './consumer/entries.js'

/** What one record of __consumer_offsets says; a null value is a tombstone. */
export type GroupEntry = OffsetEntry | GroupMetadataEntry | ConsumerEntry

export interface OffsetEntry {
  readonly type: 'offset'
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly value: OffsetCommitValue | null
}

export interface GroupMetadataEntry {
  readonly type: 'group'
  readonly group: string
  readonly value: GroupMetadataValue | null
}

/*
 * Versions as Kafka 4.3 writes them: an offset with an expiry of its own (OffsetCommit v2 to v4 could ask for one)
 * needs value v1, which alone has the field; every other is v4. A group is v3.
 */
const OFFSET_VALUE_VERSION = 4
const EXPIRING_OFFSET_VALUE_VERSION = 1
const GROUP_VALUE_VERSION = 3

export const groupEntryCodec: EntryCodec<GroupEntry> = {
  writeKey(entry, writer) {
    if (entry.type === 'offset') {
      writer.int16(OffsetCommitKey.key)
      encode(OffsetCommitKey, 0, writer, entry)
    } else if (entry.type === 'group') {
      writer.int16(GroupMetadataKey.key)
      encode(GroupMetadataKey, 0, writer, entry)
    } else writeConsumerKey(entry, writer)
  },
  writeValue(entry, writer) {
    if (entry.value === null) return false
    if (entry.type === 'offset') writeOffset(entry.value, writer)
    else if (entry.type === 'group') {
      writer.int16(GROUP_VALUE_VERSION)
      encode(GroupMetadataValue, GROUP_VALUE_VERSION, writer, entry.value)
    } else writeConsumerValue(entry, writer)
    return true
  },
  decode(key, value) {
    const type = recordTypeOf(key)
    // Types 0 and 1 have the same fields; the value tells its own version.
    if (type === LegacyOffsetCommitKey.key)
      return offsetEntry(decodeRecordKey(LegacyOffsetCommitKey, key), value)
    if (type === OffsetCommitKey.key) return offsetEntry(decodeRecordKey(OffsetCommitKey, key), value)
    if (type !== GroupMetadataKey.key) return decodeConsumerEntry(type, key, value)
    const { group } = decodeRecordKey(GroupMetadataKey, key)
    return { type: 'group', group, value: value === null ? null : decodeVersioned(GroupMetadataValue, value) }
  },
}

function writeOffset(value: OffsetCommitValue, writer: Writer): void {
  const version = value.expireTimestamp === -1 ? OFFSET_VALUE_VERSION : EXPIRING_OFFSET_VALUE_VERSION
  writer.int16(version)
  encode(OffsetCommitValue, version, writer, value)
}

function offsetEntry(
  { group, topic, partition }: { group: string; topic: string; partition: number },
  value: Buffer | null,
): OffsetEntry {
  const decoded = value === null ? null : decodeVersioned(OffsetCommitValue, value)
  return { type: 'offset', group, topic, partition, value: decoded }
}
