import type { MetadataImage } from '../cluster/metadata-image.js'
import { type LogManager, METADATA_TOPIC } from '../log/log-manager.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from '../protocol/messages/alter-replica-log-dirs.js'
import { api } from './api.js'

/*
 * AlterReplicaLogDirs v1-v2. v2 flexible. Answers when the moves are begun; DescribeLogDirs tells how far they are.
 * The answers of one topic stand together, whatever directories it was asked for in.
 */
export const alterReplicaLogDirs = ({ logs, image }: Rooms) =>
  api({
    key: ApiKey.AlterReplicaLogDirs,
    min: 1,
    max: 2,
    request: AlterReplicaLogDirsRequest,
    response: AlterReplicaLogDirsResponse,
    handle: async (request) =>
      answerEach(request, ({ topic, partition, directory }) =>
        topic === METADATA_TOPIC
          ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
          : notAvailable(image, topic, partition, logs.moves.request({ topic, partition, directory })),
      ),
    onError: (request, errorCode) => answerEach(request, () => errorCode),
  })

interface Rooms {
  readonly logs: LogManager
  readonly image: MetadataImage
}

/** A partition that exists could not be opened here. */
function notAvailable(image: MetadataImage, topic: string, partition: number, code: number): number {
  if (code !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return code
  const exists = image.topicByName(topic)?.partitions[partition] !== undefined
  return exists ? ErrorCode.REPLICA_NOT_AVAILABLE : code
}

interface Asked {
  readonly topic: string
  readonly partition: number
  readonly directory: string
}

function answerEach({ dirs }: AlterReplicaLogDirsRequest, answer: (asked: Asked) => number) {
  const results = new Map<string, { partitionIndex: number; errorCode: number }[]>()
  for (const { path, topics } of dirs) {
    for (const { name, partitions } of topics) {
      const answers = results.get(name) ?? []
      for (const partition of partitions) {
        answers.push({
          partitionIndex: partition,
          errorCode: answer({ topic: name, partition, directory: path }),
        })
      }
      results.set(name, answers)
    }
  }
  return {
    throttleTimeMs: 0,
    results: [...results].map(([topicName, partitions]) => ({ topicName, partitions })),
  }
}
