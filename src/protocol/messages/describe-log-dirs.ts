import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * DescribeLogDirs v1-v5.
 *
 *   v2   flexible
 *   v3   response gains errorCode
 *   v4   response gains results.totalBytes, results.usableBytes
 *   v5   response gains results.isCordoned
 */
export const DescribeLogDirsRequest = request(
  ApiKey.DescribeLogDirs,
  { valid: [1, 5], flexible: 2 },
  { topics: array({ topic: string(), partitions: array(int32()) }, { nullable: true }) },
)
export type DescribeLogDirsRequest = Infer<typeof DescribeLogDirsRequest>

export const DescribeLogDirsResponse = response(
  ApiKey.DescribeLogDirs,
  { valid: [1, 5], flexible: 2 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16({ since: 3 }),
    results: array({
      errorCode: int16(),
      logDir: string(),
      topics: array({
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          partitionSize: int64(),
          offsetLag: int64(),
          isFutureKey: bool(),
        }),
      }),
      totalBytes: int64({ since: 4, default: -1 }),
      usableBytes: int64({ since: 4, default: -1 }),
      isCordoned: bool({ since: 5 }),
    }),
  },
)
export type DescribeLogDirsResponse = Infer<typeof DescribeLogDirsResponse>
