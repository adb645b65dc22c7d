// The small HTTP surface for operators: health, readiness and metrics. Off unless `millrace.http.listener` names an
// address. It knows the broker only through what it is given.
//
//   GET /health   200 while the process answers
//   GET /ready    200 when clients are served, 503 before and while stopping
//   GET /metrics  Prometheus text

import type { Logger } from '../base/logger.js'
import type { MetricsRegistry } from '../base/metrics.js'
import { type HttpAddress, type HttpBackend, type HttpReply, openHttpBackend } from './http-backend.js'

export interface GatewayOptions {
  /** `host:port`, `[IPv6]:port` or `:port`. */
  readonly listener: string
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  readonly ready: () => boolean
  /** Which server to use; the best that loads when absent. */
  readonly backend?: (handler: (method: string, path: string) => HttpReply) => HttpBackend
}

export interface RunningGateway {
  readonly host: string
  readonly port: number
  stop(): Promise<void>
}

export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { logger, metrics, ready } = options
  const address = parseAddress(options.listener)
  const handler = (method: string, path: string) => {
    try {
      return answer(method, path, { metrics, ready })
    } catch (error) {
      // A gauge that throws is our bug, but not one to stop a broker for.
      logger.error('An HTTP request failed', { path, err: error })
      return json(500, { error: 'internal error' })
    }
  }
  const backend = options.backend?.(handler) ?? (await openHttpBackend(handler, logger))
  const { port } = await backend.listen(address)
  logger.info('HTTP gateway is listening', { host: address.host, port, backend: backend.name })
  return { host: address.host, port, stop: () => backend.close() }
}

function answer(
  method: string,
  path: string,
  { metrics, ready }: Pick<GatewayOptions, 'metrics' | 'ready'>,
): HttpReply {
  const route = ROUTES[path]
  if (route === undefined) return json(404, { error: 'not found' })
  if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'only GET is answered' })
  switch (route) {
    case 'health':
      return json(200, { status: 'ok' })
    case 'ready':
      return ready() ? json(200, { status: 'ready' }) : json(503, { status: 'not ready' })
    case 'metrics':
      return { status: 200, contentType: 'text/plain; version=0.0.4', body: metrics.prometheusText() }
  }
}

const ROUTES: Readonly<Record<string, 'health' | 'ready' | 'metrics'>> = {
  '/health': 'health',
  '/ready': 'ready',
  '/metrics': 'metrics',
}

function json(status: number, body: object): HttpReply {
  return { status, contentType: 'application/json', body: JSON.stringify(body) }
}

export function parseAddress(text: string): HttpAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    throw Object.assign(new Error(`millrace.http.listener: ${text} is not host:port.`), {
      code: 'MILLRACE_CONFIG',
      key: 'millrace.http.listener',
    })
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port }
}
