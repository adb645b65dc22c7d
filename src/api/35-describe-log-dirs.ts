import type { LogDirectory } from '../log/log-directory.js'
import { type LogManager, METADATA_TOPIC } from '../log/log-manager.js'
import type { Partition } from '../log/partition.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from '../protocol/messages/describe-log-dirs.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'

type DirectoryAnswer = Draft<typeof DescribeLogDirsResponse>['results'][number]
type PartitionAnswer = DirectoryAnswer['topics'][number]['partitions'][number]

/*
 * DescribeLogDirs v1-v5. v2 flexible; v3 error code; v4 sizes of the volume; v5 cordoned. Of a directory that failed
 * nothing but the failure is told.
 */
export const describeLogDirs = ({ logs }: { readonly logs: LogManager }) =>
  api({
    key: ApiKey.DescribeLogDirs,
    min: 1,
    max: 5,
    request: DescribeLogDirsRequest,
    response: DescribeLogDirsResponse,
    handle: async ({ topics }) => ({
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      results: await Promise.all(
        logs.directories.map((directory) => describe(logs, directory, wanted(topics))),
      ),
    }),
    onError: (_request, errorCode) => ({ throttleTimeMs: 0, errorCode, results: [] }),
  })

const OFFLINE = { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, topics: [], totalBytes: -1, usableBytes: -1 }

type Wanted = ReadonlyMap<string, ReadonlySet<number>> | null

/** Null means every partition. */
function wanted(topics: DescribeLogDirsRequest['topics']): Wanted {
  return topics && new Map(topics.map(({ topic, partitions }) => [topic, new Set(partitions)]))
}

async function describe(
  { services, cordoned, moves }: LogManager,
  directory: LogDirectory,
  asked: Wanted,
): Promise<DirectoryAnswer> {
  const isCordoned = cordoned.includes(directory.path)
  const answer = { logDir: directory.path, isCordoned }
  if (directory.failed !== null) return { ...answer, ...OFFLINE }
  let volume = { totalBytes: -1, usableBytes: -1 }
  try {
    volume = await services.files.volume(directory.path)
  } catch {
    // A volume that does not tell its size still holds its partitions.
  }
  const topics = new Map<string, PartitionAnswer[]>()
  const add = ({ topic, partition }: Partition, answer: Omit<PartitionAnswer, 'partitionIndex'>) => {
    const answers = topics.get(topic) ?? []
    answers.push({ partitionIndex: partition, ...answer })
    topics.set(topic, answers)
  }
  for (const partition of directory.partitions) {
    if (partition.topic === METADATA_TOPIC || !isAsked(asked, partition)) continue
    const segments = services.engine.segments(partition.log)
    const partitionSize = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    add(partition, { partitionSize, offsetLag: 0, isFutureKey: false })
  }
  for (const { partition, move } of moves.arriving(directory)) {
    if (!isAsked(asked, partition)) continue
    const offsetLag = Math.max(partition.logEndOffset - move.copiedEnd, 0)
    add(partition, { partitionSize: move.copiedBytes, offsetLag, isFutureKey: true })
  }
  return {
    ...answer,
    ...volume,
    errorCode: ErrorCode.NONE,
    topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
  }
}

function isAsked(asked: Wanted, { topic, partition }: Partition): boolean {
  return asked === null || asked.get(topic)?.has(partition) === true
}
