// Request and response schemas of the transaction apis, as `WireClient.call` takes them.

import {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from '../../src/protocol/messages/add-offsets-to-txn.js'
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../src/protocol/messages/add-partitions-to-txn.js'
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from '../../src/protocol/messages/describe-transactions.js'
import { EndTxnRequest, EndTxnResponse } from '../../src/protocol/messages/end-txn.js'
import {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from '../../src/protocol/messages/init-producer-id.js'
import {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../../src/protocol/messages/list-transactions.js'
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../src/protocol/messages/txn-offset-commit.js'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../../src/protocol/messages/update-features.js'
import {
  WriteTxnMarkersRequest,
  WriteTxnMarkersResponse,
} from '../../src/protocol/messages/write-txn-markers.js'

export const addOffsetsToTxn = [AddOffsetsToTxnRequest, AddOffsetsToTxnResponse] as const
export const addPartitionsToTxn = [AddPartitionsToTxnRequest, AddPartitionsToTxnResponse] as const
export const describeTransactions = [DescribeTransactionsRequest, DescribeTransactionsResponse] as const
export const endTxn = [EndTxnRequest, EndTxnResponse] as const
export const initProducerId = [InitProducerIdRequest, InitProducerIdResponse] as const
export const listTransactions = [ListTransactionsRequest, ListTransactionsResponse] as const
export const txnOffsetCommit = [TxnOffsetCommitRequest, TxnOffsetCommitResponse] as const
export const updateFeatures = [UpdateFeaturesRequest, UpdateFeaturesResponse] as const
export const writeTxnMarkers = [WriteTxnMarkersRequest, WriteTxnMarkersResponse] as const
