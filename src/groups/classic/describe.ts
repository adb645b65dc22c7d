import { ErrorCode } from '../../protocol/errors.js'
import { QUOTED_GROUP_ID_MAX } from '../limits.js'
import type { DescribedGroup, ListedGroup, ListGroupsFilter } from '../requests.js'
import type { Group } from './group.js'
import { NO_ASSIGNMENT } from './member.js'

const GROUP_TYPE = 'classic'

/** A group this broker does not know looks Dead; clients from v6 on are told so by an error. */
export function describeGroup(group: Group | undefined, groupId: string): DescribedGroup {
  if (group === undefined) {
    return {
      errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
      errorMessage: `Group ${groupId.slice(0, QUOTED_GROUP_ID_MAX)} not found.`,
      groupId,
      groupState: 'Dead',
      protocolType: '',
      protocolData: '',
      members: [],
    }
  }
  // Until the assignments are made, neither the protocol nor what members said for it means anything.
  const stable = group.state === 'Stable'
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: stable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: stable ? member.metadata(group.protocolName) : NO_ASSIGNMENT,
      memberAssignment: member.assignment,
    })),
  }
}

/** Filters compare without regard to case; an empty one lets everything through. */
export function listGroups(groups: Iterable<Group>, filter: ListGroupsFilter): ListedGroup[] {
  const states = new Set(filter.states.map(normalized))
  const types = new Set(filter.types.map(normalized))
  if (types.size > 0 && !types.has(GROUP_TYPE)) return []
  const listed: ListedGroup[] = []
  for (const { groupId, protocolType, state } of groups) {
    if (states.size > 0 && !states.has(normalized(state))) continue
    listed.push({ groupId, protocolType: protocolType ?? '', groupState: state, groupType: GROUP_TYPE })
  }
  return listed
}

function normalized(word: string): string {
  return word.trim().toLowerCase()
}
