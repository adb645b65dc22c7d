import { createDispatch } from '../api/dispatch.js'
import { CallbackTimer } from '../base/timing-wheel.js'
import { Connections } from '../network/connections.js'
import { Listeners } from '../network/listeners.js'
import { Responder } from '../network/responder.js'
import { apiTable } from './apis.js'
import type { BrokerCore, Surroundings } from './core.js'
import type { EventRouter } from './engine-events.js'
import { connectionFramesMax } from './engine-options.js'

/** How long clients may take to read the last replies once the broker stops. */
const CLOSING_MS_MAX = 1_000

export interface BrokerNetwork {
  readonly listeners: Listeners
  readonly connections: Connections
  stop(): Promise<void>
}

/** Opens the ports; from then on requests are served. */
export async function openNetwork(
  surroundings: Surroundings,
  core: BrokerCore,
  router: EventRouter,
): Promise<BrokerNetwork> {
  const { config, engine, clock, timers } = surroundings
  const logger = surroundings.logger.child('network')
  const listeners = new Listeners(engine)
  const endpointFor = (client: Parameters<Listeners['endpointFor']>[0]) => listeners.endpointFor(client)
  const table = apiTable({ ...surroundings, ...core, endpointFor })
  const connections = new Connections(
    engine,
    new Responder(engine),
    {
      clock,
      timers,
      logger,
      handler: createDispatch({ table, engine, clock, logger: surroundings.logger.child('api') }),
    },
    {
      connectionFramesMax: connectionFramesMax(config),
      // Both can change while the broker runs.
      get connectionsMax() {
        return config.number('max.connections')
      },
      get connectionsPerIpMax() {
        return config.number('max.connections.per.ip')
      },
      idleMsMax: config.number('connections.max.idle.ms'),
      listenerName: (listener) => listeners.nameOf(listener),
    },
  )
  router.connections = connections
  await listeners.bind(config.listeners, { backlog: config.number('socket.listen.backlog.size') })
  return {
    listeners,
    connections,
    async stop() {
      await listeners.close()
      connections.closeAll('the broker stops')
      const patience = new CallbackTimer(() => connections.giveUp())
      timers.schedule(patience, CLOSING_MS_MAX)
      await connections.empty()
      timers.cancel(patience)
    },
  }
}
