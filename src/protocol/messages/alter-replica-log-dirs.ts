import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, int32, request, response, string } from '../schema.js'

/** AlterReplicaLogDirs v1-v2. v2 flexible. */
export const AlterReplicaLogDirsRequest = request(
  ApiKey.AlterReplicaLogDirs,
  { valid: [1, 2], flexible: 2 },
  {
    dirs: array({
      path: string(),
      topics: array({ name: string(), partitions: array(int32()) }),
    }),
  },
)
export type AlterReplicaLogDirsRequest = Infer<typeof AlterReplicaLogDirsRequest>

export const AlterReplicaLogDirsResponse = response(
  ApiKey.AlterReplicaLogDirs,
  { valid: [1, 2], flexible: 2 },
  {
    throttleTimeMs: int32({ default: 0 }),
    results: array({
      topicName: string(),
      partitions: array({ partitionIndex: int32(), errorCode: int16() }),
    }),
  },
)
export type AlterReplicaLogDirsResponse = Infer<typeof AlterReplicaLogDirsResponse>
