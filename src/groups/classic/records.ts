import { RecordEncoder } from '../../coordinator/record-encoder.js'
import type { GroupMetadataEntry } from '../entries.js'
import { groupEntryCodec } from '../entries.js'
import type { Group } from './group.js'
import type { Member } from './member.js'

/** The group as it stands, with the given assignments; what `Group.install` takes back. */
export function groupEntry(
  group: Group,
  assignmentOf: (member: Member) => Buffer,
  nowMs: number,
): GroupMetadataEntry {
  const { protocolType, generationId, protocolName, leaderId } = group
  const members = [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeout: member.rebalanceTimeoutMs,
    sessionTimeout: member.sessionTimeoutMs,
    subscription: member.metadata(protocolName),
    assignment: assignmentOf(member),
  }))
  const value = {
    protocolType: protocolType ?? '',
    generation: generationId,
    protocol: protocolName,
    leader: leaderId,
    currentStateTimestamp: nowMs,
    members,
  }
  return { type: 'group', group: group.groupId, value }
}

/** A group that has just come into being. */
export function newGroupEntry(groupId: string, nowMs: number): GroupMetadataEntry {
  const value = {
    protocolType: '',
    generation: 0,
    protocol: null,
    leader: null,
    currentStateTimestamp: nowMs,
    members: [],
  }
  return { type: 'group', group: groupId, value }
}

/** A rebalance that nobody joined: the next generation, without members. */
export function emptyGroupEntry(group: Group, nowMs: number): GroupMetadataEntry {
  const value = {
    protocolType: group.protocolType ?? '',
    generation: group.generationId + 1,
    protocol: null,
    leader: null,
    currentStateTimestamp: nowMs,
    members: [],
  }
  return { type: 'group', group: group.groupId, value }
}

/** Size of key and value, asked before the state is changed to match a record that could not be written. */
export function recordBytes(entry: GroupMetadataEntry): number {
  const { keyBytes, valueBytes } = new RecordEncoder().encode(groupEntryCodec, entry)
  return keyBytes + valueBytes
}
