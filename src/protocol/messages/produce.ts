import { ApiKey } from '../api-key.js'
import {
  array,
  type Infer,
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
 * Produce v3-v13.
 *
 *   v4   KAFKA_STORAGE_ERROR may be answered
 *   v5   response gains partitionResponses.logStartOffset
 *   v6   the client throttles itself
 *   v7   zstd batches
 *   v8   response gains partitionResponses.recordErrors, partitionResponses.errorMessage
 *   v9   flexible
 *   v10  response gains partitionResponses.currentLeader, nodeEndpoints
 *   v11  the client understands TRANSACTION_ABORTABLE
 *   v12  partitions join the transaction implicitly
 *   v13  request gains topicData.topicId; request loses topicData.name; response gains responses.topicId;
 *        response loses responses.name
 */
export const ProduceRequest = request(
  ApiKey.Produce,
  { valid: [3, 13], flexible: 9 },
  {
    transactionalId: string({ nullable: true, default: null }),
    acks: int16(),
    timeoutMs: int32(),
    topicData: array({
      name: string({ until: 12 }),
      topicId: uuid({ since: 13 }),
      partitionData: array({ index: int32(), records: records() }),
    }),
  },
)
export type ProduceRequest = Infer<typeof ProduceRequest>

export const ProduceResponse = response(
  ApiKey.Produce,
  { valid: [3, 13], flexible: 9 },
  {
    responses: array({
      name: string({ until: 12 }),
      topicId: uuid({ since: 13 }),
      partitionResponses: array({
        index: int32(),
        errorCode: int16(),
        baseOffset: int64(),
        logAppendTimeMs: int64({ default: -1 }),
        logStartOffset: int64({ since: 5, default: -1 }),
        recordErrors: array(
          { batchIndex: int32(), batchIndexErrorMessage: string({ nullable: true, default: null }) },
          { since: 8 },
        ),
        errorMessage: string({ since: 8, nullable: true, default: null }),
        currentLeader: struct(
          { leaderId: int32({ default: -1 }), leaderEpoch: int32({ default: -1 }) },
          { since: 10, tag: 0 },
        ),
      }),
    }),
    throttleTimeMs: int32({ default: 0 }),
    nodeEndpoints: array(
      { nodeId: int32(), host: string(), port: int32(), rack: string({ nullable: true, default: null }) },
      { since: 10, tag: 0 },
    ),
  },
)
export type ProduceResponse = Infer<typeof ProduceResponse>
