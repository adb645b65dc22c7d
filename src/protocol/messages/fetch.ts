import { ApiKey } from '../api-key.js'
import {
  array,
  type Infer,
  int8,
  int16,
  int32,
  int64,
  records,
  request,
  response,
  string,
  struct,
  uuid,
} from '../schema.js'

/*
 * Fetch v4-v18.
 *
 *   v5   request gains partitions.logStartOffset; response gains partitions.logStartOffset
 *   v6   KAFKA_STORAGE_ERROR may be answered
 *   v7   request gains sessionId, sessionEpoch, forgottenTopicsData; response gains errorCode, sessionId
 *   v8   the client throttles itself
 *   v9   request gains partitions.currentLeaderEpoch
 *   v10  zstd batches
 *   v11  request gains rackId; response gains partitions.preferredReadReplica
 *   v12  flexible; request gains clusterId, partitions.lastFetchedEpoch; response gains
 *        partitions.divergingEpoch, partitions.currentLeader, partitions.snapshotId
 *   v13  request gains topics.topicId, forgottenTopicsData.topicId; request loses topics.topic,
 *        forgottenTopicsData.topic; response gains responses.topicId; response loses responses.topic
 *   v14  same as v13
 *   v15  request gains replicaState; request loses replicaId
 *   v16  response gains nodeEndpoints
 *   v17  request gains partitions.replicaDirectoryId
 *   v18  request gains partitions.highWatermark
 */
export const FetchRequest = request(
  ApiKey.Fetch,
  { valid: [4, 18], flexible: 12 },
  {
    clusterId: string({ since: 12, nullable: true, default: null, tag: 0 }),
    replicaId: int32({ until: 14, default: -1 }),
    replicaState: struct(
      { replicaId: int32({ default: -1 }), replicaEpoch: int64({ default: -1 }) },
      { since: 15, tag: 1 },
    ),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32({ default: 0x7fffffff }),
    isolationLevel: int8(),
    sessionId: int32({ since: 7 }),
    sessionEpoch: int32({ since: 7, default: -1 }),
    topics: array({
      topic: string({ until: 12 }),
      topicId: uuid({ since: 13 }),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32({ since: 9, default: -1 }),
        fetchOffset: int64(),
        lastFetchedEpoch: int32({ since: 12, default: -1 }),
        logStartOffset: int64({ since: 5, default: -1 }),
        partitionMaxBytes: int32(),
        replicaDirectoryId: uuid({ since: 17, tag: 0 }),
        highWatermark: int64({ since: 18, default: Number.MAX_SAFE_INTEGER, tag: 1 }),
      }),
    }),
    forgottenTopicsData: array(
      { topic: string({ until: 12 }), topicId: uuid({ since: 13 }), partitions: array(int32()) },
      { since: 7 },
    ),
    rackId: string({ since: 11 }),
  },
)
export type FetchRequest = Infer<typeof FetchRequest>

export const FetchResponse = response(
  ApiKey.Fetch,
  { valid: [4, 18], flexible: 12 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16({ since: 7 }),
    sessionId: int32({ since: 7 }),
    responses: array({
      topic: string({ until: 12 }),
      topicId: uuid({ since: 13 }),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        highWatermark: int64(),
        lastStableOffset: int64({ default: -1 }),
        logStartOffset: int64({ since: 5, default: -1 }),
        divergingEpoch: struct(
          { epoch: int32({ default: -1 }), endOffset: int64({ default: -1 }) },
          { since: 12, tag: 0 },
        ),
        currentLeader: struct(
          { leaderId: int32({ default: -1 }), leaderEpoch: int32({ default: -1 }) },
          { since: 12, tag: 1 },
        ),
        snapshotId: struct(
          { endOffset: int64({ default: -1 }), epoch: int32({ default: -1 }) },
          { since: 12, tag: 2 },
        ),
        abortedTransactions: array({ producerId: int64(), firstOffset: int64() }, { nullable: true }),
        preferredReadReplica: int32({ since: 11, default: -1 }),
        records: records(),
      }),
    }),
    nodeEndpoints: array(
      { nodeId: int32(), host: string(), port: int32(), rack: string({ nullable: true, default: null }) },
      { since: 16, tag: 0 },
    ),
  },
)
export type FetchResponse = Infer<typeof FetchResponse>
