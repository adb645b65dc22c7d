// Groups at scale: heartbeats beside a producing load, rebalances of a large group, commits of offsets.
//
//   npm run bench:groups -- [--peer millrace,kafka] [--scenario NAME,...] [--seconds 10] [--scale 1] [--produce 0.5]
//                           [--broker HOST:PORT --pid PID]
//
// Each scenario starts a fresh broker of each peer and prints one line of JSON. The simulated members live in this
// process, apart from the broker. `scale` is the share of members; `produce` the share of the rate that producers reach
// by themselves at which they go on beside the heartbeats (0 for none). With `broker` a broker that runs already is
// measured instead, which takes one scenario as topics are then there.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildNativeTools } from '../compare/native-tools.js'
import { type LoadedPeer, PEERS, type PeerName, startPeer } from '../compare/peers.js'
import { REPOSITORY } from '../compare/places.js'
import type { Figures } from '../compare/scenario.js'
import { commits } from './commits.js'
import { heartbeats } from './heartbeats.js'
import { rebalances } from './rebalances.js'

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string', default: 'millrace' },
    scenario: { type: 'string', default: '' },
    seconds: { type: 'string', default: '10' },
    scale: { type: 'string', default: '1' },
    produce: { type: 'string', default: '0.5' },
    broker: { type: 'string' },
    pid: { type: 'string' },
  },
})

const seconds = Number(options.seconds)
const scaled = (count: number) => Math.max(1, Math.round(count * Number(options.scale)))
const beside = { connections: scaled(1_000), seconds, produceShare: Number(options.produce) }
const many = { groups: scaled(1_000), membersPerGroup: 10, ...beside }
const one = { groups: 1, membersPerGroup: scaled(1_000), ...beside }

type Scenario = (peer: LoadedPeer) => Promise<Figures>

const scenarios: Readonly<Record<string, Scenario>> = {
  'many-classic-groups': (peer) => heartbeats(peer, { protocol: 'classic', ...many }),
  'many-consumer-groups': (peer) => heartbeats(peer, { protocol: 'consumer', ...many }),
  'one-classic-group': (peer) => heartbeats(peer, { protocol: 'classic', ...one }),
  'one-consumer-group': (peer) => heartbeats(peer, { protocol: 'consumer', ...one }),
  rebalance: (peer) => rebalances(peer, { members: scaled(200), topics: 10, partitionsPerTopic: 200 }),
  'commit-100': (peer) => commits(peer, { connections: 32, offsetsPerRequest: 100, seconds }),
  'commit-1': (peer) => commits(peer, { connections: 256, offsetsPerRequest: 1, seconds }),
}

async function main(): Promise<void> {
  const wanted = options.scenario.split(',').filter((name) => name !== '')
  const names = wanted.length > 0 ? wanted : Object.keys(scenarios)
  if (names.some((name) => name.includes('group')) && beside.produceShare > 0) await buildNativeTools()
  for (const name of names) {
    const scenario = scenarios[name]
    if (scenario === undefined) {
      throw new Error(`no such scenario: ${name}; there are ${Object.keys(scenarios).join(', ')}`)
    }
    for (const peer of options.peer.split(',').map(peerName)) {
      const figures = await (options.broker === undefined ? measured(peer, scenario) : scenario(given()))
      process.stdout.write(`${JSON.stringify({ scenario: name, peer, ...figures })}\n`)
    }
  }
}

/** Groups form as soon as their members are there, instead of three seconds after the first one. */
const SETTINGS = ['group.initial.rebalance.delay.ms=300']

async function measured(name: PeerName, scenario: Scenario): Promise<Figures> {
  const directory = join(REPOSITORY, 'bench/.work', `groups-${name}`)
  const peer = await startPeer(name, directory, { settings: SETTINGS })
  const figures = await scenario(peer).finally(() => peer.stop())
  rmSync(directory, { recursive: true, force: true })
  return figures
}

function given(): LoadedPeer {
  const { broker = '', pid } = options
  return { name: 'millrace', pid: Number(pid), bootstrap: broker }
}

function peerName(name: string): PeerName {
  const known = PEERS.find((peer) => peer === name && peer !== 'ideal')
  if (known === undefined) throw new Error(`no such peer: ${name}; there are millrace, kafka`)
  return known
}

await main()
