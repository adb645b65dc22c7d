import type { Effects } from '../coordinator/state-machine.js'
import type { Wait } from '../coordinator/wait.js'
import type { ConsumerHeartbeatReply, ConsumerHeartbeatRequest } from './consumer/requests.js'
import type { GroupEntry } from './entries.js'
import type {
  CommitReplyTopic,
  CommitRequest,
  DeleteOffsetsReply,
  DeleteOffsetsRequest,
  JoinReply,
  JoinRequest,
  LeaveReply,
  LeaveRequest,
  MemberRequest,
  SyncReply,
  SyncRequest,
  TransactionCommitRequest,
} from './requests.js'

/** Everything that can happen to the groups of a shard: requests with their waits, and deadlines that passed. */
export type GroupEvent =
  | { readonly type: 'join'; readonly request: JoinRequest; readonly wait: Wait<JoinReply> }
  | { readonly type: 'sync'; readonly request: SyncRequest; readonly wait: Wait<SyncReply> }
  | { readonly type: 'heartbeat'; readonly request: MemberRequest; readonly wait: Wait<number> }
  | { readonly type: 'leave'; readonly request: LeaveRequest; readonly wait: Wait<LeaveReply> }
  | { readonly type: 'commit'; readonly request: CommitRequest; readonly wait: Wait<CommitReplyTopic[]> }
  | {
      readonly type: 'commit-in-transaction'
      readonly request: TransactionCommitRequest
      readonly wait: Wait<CommitReplyTopic[]>
    }
  | { readonly type: 'transaction-ended'; readonly producerId: number; readonly committed: boolean }
  | {
      readonly type: 'delete-offsets'
      readonly request: DeleteOffsetsRequest
      readonly wait: Wait<DeleteOffsetsReply>
    }
  | {
      readonly type: 'consumer-heartbeat'
      readonly request: ConsumerHeartbeatRequest
      readonly wait: Wait<ConsumerHeartbeatReply>
    }
  | { readonly type: 'delete-group'; readonly groupId: string; readonly wait: Wait<number> }
  | { readonly type: 'topics-deleted'; readonly topics: readonly string[] }
  | GroupDeadline

export type GroupDeadline =
  | { readonly type: 'session-expired'; readonly groupId: string; readonly memberId: string }
  | { readonly type: 'join-expired'; readonly groupId: string }
  | { readonly type: 'sync-expired'; readonly groupId: string }
  | { readonly type: 'consumer-session-expired'; readonly groupId: string; readonly memberId: string }
  | { readonly type: 'consumer-rebalance-expired'; readonly groupId: string; readonly memberId: string }
  | { readonly type: 'expire-offsets' }

export type GroupEffects = Effects<GroupEvent, GroupEntry>
