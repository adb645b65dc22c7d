// What clients ask of a group and what they get: the wire requests with the fields of all versions, and who asked.
// Replies carry what the responses do, without the throttle time.

import type { JoinGroupRequest } from '../protocol/messages/join-group.js'
import type { OffsetCommitRequest } from '../protocol/messages/offset-commit.js'
import type { SyncGroupRequest } from '../protocol/messages/sync-group.js'

export interface Protocol {
  readonly name: string
  readonly metadata: Buffer
}

export interface JoinRequest extends Omit<JoinGroupRequest, 'protocols'> {
  readonly protocols: readonly Protocol[]
  readonly clientId: string
  /** As stored in the group's records, with Kafka's leading slash. */
  readonly clientHost: string
  /** From v4 a member must join with an id it was given before. */
  readonly requireKnownMemberId: boolean
  /** From v9 a returning static leader is told to keep the assignment. */
  readonly supportsSkippingAssignment: boolean
}

export interface JoinReplyMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Buffer
}

export interface JoinReply {
  readonly errorCode: number
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string
  readonly skipAssignment: boolean
  readonly memberId: string
  readonly members: readonly JoinReplyMember[]
}

export function joinError(errorCode: number, memberId: string): JoinReply {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  }
}

export type SyncRequest = SyncGroupRequest

export interface SyncReply {
  readonly errorCode: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Buffer
}

const NOTHING = Buffer.alloc(0)

export function syncError(errorCode: number): SyncReply {
  return { errorCode, protocolType: null, protocolName: null, assignment: NOTHING }
}

export interface MemberRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export interface LeavingMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly reason: string | null
}

export interface LeaveRequest {
  readonly groupId: string
  readonly members: readonly LeavingMember[]
}

export interface LeaveReply {
  readonly errorCode: number
  readonly members: readonly { memberId: string; groupInstanceId: string | null; errorCode: number }[]
}

type CommitTopic = OffsetCommitRequest['topics'][number]

export interface CommitRequest extends MemberRequest {
  readonly retentionTimeMs: number
  readonly topics: readonly CommitTopic[]
  /** An unknown group is told as GROUP_ID_NOT_FOUND from v9, as ILLEGAL_GENERATION before. */
  readonly knowsGroupIdNotFound: boolean
}

export interface TransactionCommitRequest extends MemberRequest {
  readonly producerId: number
  readonly producerEpoch: number
  readonly topics: readonly CommitTopic[]
}

export interface CommitReplyTopic {
  readonly name: string
  readonly topicId: string
  readonly partitions: { readonly partitionIndex: number; readonly errorCode: number }[]
}

export function commitError(topics: readonly CommitTopic[], errorCode: number): CommitReplyTopic[] {
  return topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }))
}

export interface FetchOffsetsRequest {
  readonly groupId: string
  /** null asks for every committed offset of the group. */
  readonly topics: readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[] | null
  readonly requireStable: boolean
  /** From v9 a member of a consumer group names itself; absent is nobody in particular. */
  readonly memberId?: string | null
  readonly memberEpoch?: number
}

export interface FetchedOffset {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly metadata: string
  readonly errorCode: number
}

export interface FetchOffsetsReply {
  readonly errorCode: number
  readonly topics: readonly { readonly name: string; readonly partitions: readonly FetchedOffset[] }[]
}

export interface DeleteOffsetsRequest {
  readonly groupId: string
  readonly topics: readonly {
    readonly name: string
    readonly partitions: readonly { partitionIndex: number }[]
  }[]
}

export interface DeleteOffsetsReply {
  readonly errorCode: number
  readonly topics: readonly {
    readonly name: string
    readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[]
  }[]
}

export interface DescribedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly memberMetadata: Buffer
  readonly memberAssignment: Buffer
}

export interface DescribedGroup {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly groupId: string
  readonly groupState: string
  readonly protocolType: string
  readonly protocolData: string
  readonly members: readonly DescribedMember[]
}

export interface ListedGroup {
  readonly groupId: string
  readonly protocolType: string
  readonly groupState: string
  readonly groupType: string
}

export interface ListGroupsFilter {
  readonly states: readonly string[]
  readonly types: readonly string[]
}
