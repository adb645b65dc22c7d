import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { FindCoordinatorRequest, FindCoordinatorResponse } from '../protocol/messages/find-coordinator.js'
import type { Draft } from '../protocol/schema.js'
import { api, type ClientInfo } from './api.js'

type Coordinator = NonNullable<Draft<typeof FindCoordinatorResponse>['coordinators']>[number]

export interface CoordinatorEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

interface Rooms {
  /** Creates __consumer_offsets if need be; resolves when its partitions have leaders, rejects when it cannot. */
  readonly ensureOffsetsTopic: () => Promise<void>
  /** The same for __transaction_state. */
  readonly ensureTransactionsTopic: () => Promise<void>
  /** The broker that coordinates the group or transactional id; undefined while nobody does. */
  readonly endpointFor: (client: ClientInfo, key: string) => CoordinatorEndpoint | undefined
}

const KeyType = { Group: 0, Transaction: 1, Share: 2 } as const
const NOWHERE: CoordinatorEndpoint = { nodeId: -1, host: '', port: -1 }

/*
 * FindCoordinator v0-v6. v1 key types; v4 several keys, each with its own error; v6 share groups.
 *
 * Where Kafka answers COORDINATOR_NOT_AVAILABLE while the internal topic comes into being, this broker answers when
 * it is there: the client saves a back-off.
 */
export const findCoordinator = ({ ensureOffsetsTopic, ensureTransactionsTopic, endpointFor }: Rooms) =>
  api({
    key: ApiKey.FindCoordinator,
    min: 0,
    max: 6,
    request: FindCoordinatorRequest,
    response: FindCoordinatorResponse,
    async handle(request, { apiVersion, client }) {
      const keys = keysOf(request, apiVersion)
      const refusal = refusalOf(request.keyType, apiVersion)
      if (refusal !== ErrorCode.NONE)
        return reply(
          apiVersion,
          keys.map((key) => coordinator(key, refusal)),
        )
      const transaction = request.keyType === KeyType.Transaction
      const ensure = transaction ? ensureTransactionsTopic : ensureOffsetsTopic
      const exists = await ensure().then(
        () => true,
        () => false,
      )
      return reply(
        apiVersion,
        keys.map((key) => found(key, exists ? endpointFor(client, key) : undefined)),
      )
    },
    onError: (request, errorCode) => {
      const coordinators = request.coordinatorKeys.map((key) => coordinator(key, errorCode))
      return { ...coordinator(request.key, errorCode), coordinators }
    },
  })

function keysOf({ key, coordinatorKeys }: FindCoordinatorRequest, apiVersion: number): readonly string[] {
  return apiVersion >= 4 ? coordinatorKeys : [key]
}

/** Share groups have no coordinator here. */
function refusalOf(keyType: number, apiVersion: number): number {
  if (keyType === KeyType.Group || keyType === KeyType.Transaction) return ErrorCode.NONE
  const share = keyType === KeyType.Share && apiVersion >= 6
  return share ? ErrorCode.COORDINATOR_NOT_AVAILABLE : ErrorCode.INVALID_REQUEST
}

function found(key: string, endpoint: CoordinatorEndpoint | undefined): Coordinator {
  if (endpoint === undefined) return coordinator(key, ErrorCode.COORDINATOR_NOT_AVAILABLE)
  return coordinator(key, ErrorCode.NONE, endpoint)
}

function coordinator(key: string, errorCode: number, endpoint = NOWHERE): Coordinator {
  const { nodeId, host, port } = endpoint
  return { key, nodeId, host, port, errorCode, errorMessage: messages.get(errorCode) ?? null }
}

const messages: ReadonlyMap<number, string> = new Map([
  [ErrorCode.COORDINATOR_NOT_AVAILABLE, 'The coordinator is not available.'],
  [ErrorCode.INVALID_REQUEST, 'The coordinator key type is not known in this version.'],
])

function reply(apiVersion: number, coordinators: Coordinator[]): Draft<typeof FindCoordinatorResponse> {
  return apiVersion >= 4 ? { coordinators } : { ...coordinators[0] }
}
