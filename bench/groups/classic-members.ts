import { heartbeat, joinGroup, syncGroup } from './calls.js'
import type { Connection } from './connection.js'
import type { Member } from './member.js'

const MEMBER_ID_REQUIRED = 79
const REBALANCE_IN_PROGRESS = 27
/** Long, as members that joined early are silent until all have joined. */
const SESSION_TIMEOUT_MS = 600_000

interface Options {
  readonly connection: Connection
  readonly groupId: string
  /** What the member says it subscribes to; the broker of a classic group looks at the topics only. */
  readonly subscription: Buffer
  /** What each member is assigned by its leader. */
  readonly assignment: Buffer
}

/** A simulated member of a classic group. */
export class ClassicMember implements Member {
  memberId = ''
  generationId = -1
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  get intervalMs(): number {
    return 3_000
  }

  /** Joins and syncs, again while the group rebalances. */
  async join(): Promise<void> {
    for (;;) {
      const joined = await this.#join()
      if (joined.errorCode === MEMBER_ID_REQUIRED || joined.errorCode === REBALANCE_IN_PROGRESS) continue
      if (joined.errorCode !== 0) throw new Error(`JoinGroup: error ${joined.errorCode}`)
      const code = await this.#sync(joined.members.map(({ memberId }) => memberId))
      if (code === 0) return
      if (code !== REBALANCE_IN_PROGRESS) throw new Error(`SyncGroup: error ${code}`)
    }
  }

  /** False when the group rebalances. */
  async beat(): Promise<boolean> {
    const { connection, groupId } = this.#options
    const { memberId, generationId } = this
    const body = { groupId, memberId, generationId, groupInstanceId: null }
    const { errorCode } = await connection.call(heartbeat, body)
    if (errorCode !== 0 && errorCode !== REBALANCE_IN_PROGRESS)
      throw new Error(`Heartbeat: error ${errorCode}`)
    return errorCode === 0
  }

  async #join() {
    const { connection, groupId, subscription } = this.#options
    const joined = await connection.call(joinGroup, {
      groupId,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: 60_000,
      memberId: this.memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription }],
      reason: null,
    })
    this.memberId = joined.memberId
    this.generationId = joined.generationId
    return joined
  }

  async #sync(members: readonly string[]): Promise<number> {
    const { connection, groupId, assignment } = this.#options
    const { memberId, generationId } = this
    const { errorCode } = await connection.call(syncGroup, {
      groupId,
      generationId,
      memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: members.map((each) => ({ memberId: each, assignment })),
    })
    return errorCode
  }
}

/**
 * Every member of a group joins at the same time, as a join waits for the others on a connection of its own. So the
 * connections bound how many groups join together.
 */
export async function joinInWaves(
  groups: readonly (readonly ClassicMember[])[],
  connections: number,
): Promise<void> {
  const size = Math.max(1, Math.floor(connections / (groups[0]?.length ?? 1)))
  for (let at = 0; at < groups.length; at += size) {
    await Promise.all(
      groups.slice(at, at + size).flatMap((members) => members.map((member) => member.join())),
    )
  }
}
