// Question: what does the broker spend, in CPU seconds, until a group of the consumer protocol has settled: when all
// its members come at once, when one more comes, and when one goes?

import type { LoadedPeer } from '../compare/peers.js'
import type { Figures } from '../compare/scenario.js'
import { usageOf } from '../compare/usage.js'
import { coordinatorReady, createTopic } from './calls.js'
import { Connection } from './connection.js'
import { ConsumerMember, settled } from './consumer-members.js'
import { rounded } from './latencies.js'

export interface RebalanceLoad {
  readonly members: number
  readonly topics: number
  readonly partitionsPerTopic: number
}

export async function rebalances({ bootstrap, pid }: LoadedPeer, load: RebalanceLoad): Promise<Figures> {
  const topics = Array.from({ length: load.topics }, (_, index) => `topic-${index}`)
  for (const topic of topics) await createTopic(bootstrap, topic, load.partitionsPerTopic)
  await coordinatorReady(bootstrap)
  const partitions = load.topics * load.partitionsPerTopic
  const members: ConsumerMember[] = []
  const connections: Connection[] = []
  const add = async (): Promise<ConsumerMember> => {
    const connection = await Connection.open(bootstrap)
    const member = new ConsumerMember({ connection, groupId: 'group', topics })
    members.push(member)
    connections.push(connection)
    return member
  }
  for (let count = 0; count < load.members; count++) await add()
  const step = async (change: () => Promise<unknown>) => {
    const before = usageOf(pid)
    const startedAt = performance.now()
    await change()
    const rounds = await settled(members, partitions)
    const after = usageOf(pid)
    const cpuSeconds = after.userSeconds + after.systemSeconds - before.userSeconds - before.systemSeconds
    const wallSeconds = (performance.now() - startedAt) / 1_000
    return { cpuSeconds: rounded(cpuSeconds), wallSeconds: rounded(wallSeconds), rounds }
  }
  const together = await step(() => Promise.all(members.map((member) => member.join())))
  const oneMore = await step(async () => (await add()).join())
  const oneLess = await step(() => (members.pop() as ConsumerMember).leave())
  for (const connection of connections) connection.close()
  return { ...named('all', together), ...named('oneMore', oneMore), ...named('oneLess', oneLess) }
}

function named(prefix: string, figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      `${prefix}${name[0]?.toUpperCase()}${name.slice(1)}`,
      value,
    ]),
  )
}
