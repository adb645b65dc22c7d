/**
 * Bit sets of AclOperation codes, as the replies carry them when asked for. Without an authorizer every client
 * may do everything its resource knows.
 */
export const OPERATIONS_NOT_ASKED = -0x80000000

const operation = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
} as const

export const ALL_TOPIC_OPERATIONS = bits([
  operation.READ,
  operation.WRITE,
  operation.CREATE,
  operation.DELETE,
  operation.ALTER,
  operation.DESCRIBE,
  operation.DESCRIBE_CONFIGS,
  operation.ALTER_CONFIGS,
])

export const ALL_CLUSTER_OPERATIONS = bits([
  operation.CREATE,
  operation.ALTER,
  operation.DESCRIBE,
  operation.CLUSTER_ACTION,
  operation.DESCRIBE_CONFIGS,
  operation.ALTER_CONFIGS,
  operation.IDEMPOTENT_WRITE,
])

export const ALL_GROUP_OPERATIONS = bits([
  operation.READ,
  operation.DELETE,
  operation.DESCRIBE,
  operation.DESCRIBE_CONFIGS,
  operation.ALTER_CONFIGS,
])

function bits(operations: readonly number[]): number {
  return operations.reduce((set, code) => set | (1 << code), 0)
}
