import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiKey, apiName } from '../../src/protocol/api-key.js'
import { decode, encode } from '../../src/protocol/compile.js'
import { ErrorCode, errorName, isRetriable } from '../../src/protocol/errors.js'
import {
  beginRequest,
  beginResponse,
  decodeRequestHeader,
  endFrame,
  peekRequestHeader,
  RequestHeader,
  RequestHeaderView,
  requestHeaderVersion,
  responseHeaderVersion,
} from '../../src/protocol/headers.js'
import { ApiVersionsRequest } from '../../src/protocol/messages/api-versions.js'
import { Reader, Writer } from '../../src/protocol/primitives.js'
import { decodeHex } from './support/vectors.js'

const API_VERSIONS_V3 = '000000170012000300000001000361626300046c696204312e3000'

test('the documented ApiVersions v3 request decodes and encodes to the byte', () => {
  const frame = Buffer.from(API_VERSIONS_V3, 'hex')
  const reader = new Reader().reset(frame, 4, frame.length)
  const header = new RequestHeaderView()
  decodeRequestHeader(reader, header)
  assert.deepEqual({ ...header }, { apiKey: 18, apiVersion: 3, correlationId: 1, clientId: 'abc' })
  const body = decode(ApiVersionsRequest, 3, reader)
  assert.deepEqual(body, { clientSoftwareName: 'lib', clientSoftwareVersion: '1.0' })
  assert.equal(reader.remaining, 0)
  const writer = new Writer(1).reset()
  beginRequest(writer, header)
  encode(ApiVersionsRequest, 3, writer, body)
  endFrame(writer)
  assert.equal(writer.bytesWritten().toString('hex'), API_VERSIONS_V3)
})

test('header versions follow flexibility, except for the ApiVersions response', () => {
  const versions = [
    [ApiKey.Produce, 8, 1, 0],
    [ApiKey.Produce, 9, 2, 1],
    [ApiKey.ApiVersions, 2, 1, 0],
    [ApiKey.ApiVersions, 3, 2, 0],
    [ApiKey.SaslHandshake, 1, 1, 0],
    [ApiKey.OffsetDelete, 0, 1, 0],
    [ApiKey.ConsumerGroupHeartbeat, 0, 2, 1],
    [999, 5, 1, 0],
  ] as const
  for (const [key, version, request, response] of versions) {
    const ours = [requestHeaderVersion(key, version), responseHeaderVersion(key, version)]
    assert.deepEqual(ours, [request, response], `${apiName(key)} v${version}`)
  }
})

test('the start of a header can be read before anything else is known', () => {
  const header = new RequestHeaderView()
  header.clientId = 'from the request before'
  peekRequestHeader(new Reader(Buffer.from('0fff00630000002a', 'hex')), header)
  assert.deepEqual({ ...header }, { apiKey: 4095, apiVersion: 99, correlationId: 42, clientId: null })
})

test('a null client id and unknown header tags are accepted', () => {
  const header = new RequestHeaderView()
  const reader = new Reader(Buffer.from('0012000300000001ffff0105020a0b0c', 'hex'))
  decodeRequestHeader(reader, header)
  assert.deepEqual([header.clientId, reader.remaining], [null, 1])
  assert.deepEqual(decodeHex(RequestHeader, 2, '0012000300000001ffff00'), {
    ...{ requestApiKey: 18, requestApiVersion: 3, correlationId: 1, clientId: null },
  })
})

test('a response frame counts its slices', () => {
  const header = Object.assign(new RequestHeaderView(), {
    apiKey: ApiKey.Fetch,
    apiVersion: 12,
    correlationId: 7,
  })
  const writer = new Writer().reset()
  beginResponse(writer, header)
  writer.compactRecords({ slice: { log: 0, segment: 0, position: 0 }, length: 100 })
  endFrame(writer)
  assert.equal(writer.bytesWritten().toString('hex'), '0000006a000000070065')
})

test('codes and keys have names, known or not', () => {
  assert.equal(errorName(ErrorCode.NOT_COORDINATOR), 'NOT_COORDINATOR')
  assert.equal(errorName(9999), 'UNKNOWN_ERROR_9999')
  assert.equal(apiName(ApiKey.DescribeTopicPartitions), 'DescribeTopicPartitions')
  assert.equal(apiName(-7), 'UNKNOWN_API_-7')
  assert.deepEqual(
    [isRetriable(ErrorCode.NOT_LEADER_OR_FOLLOWER), isRetriable(ErrorCode.NONE)],
    [true, false],
  )
})
