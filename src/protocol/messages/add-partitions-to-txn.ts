import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * AddPartitionsToTxn v0-v5.
 *
 *   v1   the client throttles itself
 *   v2   PRODUCER_FENCED may be answered
 *   v3   flexible
 *   v4   request gains transactions; request loses v3AndBelowTransactionalId, v3AndBelowProducerId,
 *        v3AndBelowProducerEpoch, v3AndBelowTopics; response gains errorCode, resultsByTransaction;
 *        response loses resultsByTopicV3AndBelow
 *   v5   the client understands TRANSACTION_ABORTABLE
 */
const addPartitionsToTxnTopic = { name: string(), partitions: array(int32()) }

export const AddPartitionsToTxnRequest = request(
  ApiKey.AddPartitionsToTxn,
  { valid: [0, 5], flexible: 3 },
  {
    transactions: array(
      {
        transactionalId: string(),
        producerId: int64(),
        producerEpoch: int16(),
        verifyOnly: bool(),
        topics: array(addPartitionsToTxnTopic),
      },
      { since: 4 },
    ),
    v3AndBelowTransactionalId: string({ until: 3 }),
    v3AndBelowProducerId: int64({ until: 3 }),
    v3AndBelowProducerEpoch: int16({ until: 3 }),
    v3AndBelowTopics: array(addPartitionsToTxnTopic, { until: 3 }),
  },
)
export type AddPartitionsToTxnRequest = Infer<typeof AddPartitionsToTxnRequest>

const addPartitionsToTxnPartitionResult = { partitionIndex: int32(), partitionErrorCode: int16() }

const addPartitionsToTxnTopicResult = {
  name: string(),
  resultsByPartition: array(addPartitionsToTxnPartitionResult),
}

export const AddPartitionsToTxnResponse = response(
  ApiKey.AddPartitionsToTxn,
  { valid: [0, 5], flexible: 3 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16({ since: 4 }),
    resultsByTransaction: array(
      { transactionalId: string(), topicResults: array(addPartitionsToTxnTopicResult) },
      { since: 4 },
    ),
    resultsByTopicV3AndBelow: array(addPartitionsToTxnTopicResult, { until: 3 }),
  },
)
export type AddPartitionsToTxnResponse = Infer<typeof AddPartitionsToTxnResponse>
