import { ErrorCode } from '../protocol/errors.js'
import { OPERATION_RECORDS_MAX } from './limits.js'
import type { BrokerImage } from './metadata-image.js'
import { type Refusal, refuse, TOO_LARGE } from './outcome.js'

/** Broker ids of one partition, the preferred leader first. */
export type ReplicaAssignment = readonly number[]

export interface AssignmentRequest {
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly assignments: readonly { readonly partitionIndex: number; readonly brokerIds: readonly number[] }[]
}

type Brokers = ReadonlyMap<number, BrokerImage>

/** The replicas of a new topic's partitions, as asked for by hand or spread over the brokers in turn. */
export function planAssignment(
  request: AssignmentRequest,
  defaults: { readonly partitionCount: number; readonly replicationFactor: number },
  brokers: Brokers,
): ReplicaAssignment[] | Refusal {
  if (request.assignments.length > 0) return manual(request, brokers)
  const { numPartitions, replicationFactor } = request
  if (replicationFactor < -1 || replicationFactor === 0) {
    const message = 'Replication factor must be larger than 0, or -1 to use the default value.'
    return refuse(ErrorCode.INVALID_REPLICATION_FACTOR, message)
  }
  if (numPartitions < -1 || numPartitions === 0) {
    const message = 'Number of partitions was set to an invalid non-positive value.'
    return refuse(ErrorCode.INVALID_PARTITIONS, message)
  }
  const count = numPartitions === -1 ? defaults.partitionCount : numPartitions
  const factor = replicationFactor === -1 ? defaults.replicationFactor : replicationFactor
  return spread({ firstPartition: 0, count, factor }, brokers)
}

/** Partition p starts at broker p modulo the brokers, its followers behind it. */
export function spread(
  { firstPartition, count, factor }: { firstPartition: number; count: number; factor: number },
  brokers: Brokers,
): ReplicaAssignment[] | Refusal {
  if (count > OPERATION_RECORDS_MAX) return TOO_LARGE
  const ids = [...brokers.keys()].sort((a, b) => a - b)
  if (factor > ids.length) {
    const message =
      `Unable to replicate the partition ${factor} time(s): The target replication factor of ${factor} ` +
      `cannot be reached because only ${ids.length} broker(s) are registered.`
    return refuse(ErrorCode.INVALID_REPLICATION_FACTOR, message)
  }
  return Array.from({ length: count }, (_, index) =>
    Array.from(
      { length: factor },
      (_, replica) => ids[(firstPartition + index + replica) % ids.length] as number,
    ),
  )
}

/** Why the hand-made replica list of one partition cannot be; null when it can. */
export function replicasError(replicas: ReplicaAssignment, brokers: Brokers, factor: number): string | null {
  if (replicas.length === 0) return 'The manual partition assignment includes an empty replica list.'
  for (const [index, id] of replicas.entries()) {
    if (!brokers.has(id)) {
      return `The manual partition assignment includes broker ${id}, but no such broker is registered.`
    }
    if (replicas.indexOf(id) !== index) {
      return `The manual partition assignment includes the broker ${id} more than once.`
    }
  }
  if (replicas.length === factor) return null
  return (
    `The manual partition assignment includes a partition with ${replicas.length} replica(s), but this is not ` +
    `consistent with previous partitions, which have ${factor} replica(s).`
  )
}

function manual(request: AssignmentRequest, brokers: Brokers): ReplicaAssignment[] | Refusal {
  const { assignments, replicationFactor, numPartitions } = request
  const asked = 'A manual partition assignment was specified, but'
  if (replicationFactor !== -1) {
    return refuse(ErrorCode.INVALID_REQUEST, `${asked} replication factor was not set to -1.`)
  }
  if (numPartitions !== -1) {
    return refuse(ErrorCode.INVALID_REQUEST, `${asked} numPartitions was not set to -1.`)
  }
  if (assignments.length > OPERATION_RECORDS_MAX) return TOO_LARGE
  const byPartition = new Map<number, ReplicaAssignment>()
  const factor = assignments[0]?.brokerIds.length ?? 0
  for (const { partitionIndex, brokerIds } of assignments) {
    const error = byPartition.has(partitionIndex)
      ? `Found multiple manual partition assignments for partition ${partitionIndex}`
      : replicasError(brokerIds, brokers, factor)
    if (error !== null) return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, error)
    byPartition.set(partitionIndex, brokerIds)
  }
  const result = Array.from({ length: assignments.length }, (_, index) => byPartition.get(index))
  if (result.includes(undefined)) {
    const message = 'partitions should be a consecutive 0-based integer sequence'
    return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
  }
  return result as ReplicaAssignment[]
}
