// Node's own HTTP server as a backend.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpAddress, HttpBackend, HttpHandler } from './http-backend.js'

/** A scrape or probe is one small request; slower ones are cut off. */
const REQUEST_TIMEOUT_MS = 10_000
const CONNECTIONS_MAX = 256

export function nodeBackend(handler: HttpHandler): HttpBackend {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] as string
    const reply = handler(request.method ?? 'GET', path)
    request.resume()
    response.writeHead(reply.status, { 'content-type': reply.contentType })
    response.end(request.method === 'HEAD' ? undefined : reply.body)
  })
  server.maxConnections = CONNECTIONS_MAX
  return {
    name: 'node:http',
    listen: ({ host, port }: HttpAddress) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port }, () => {
          server.off('error', reject)
          resolve({ port: (server.address() as AddressInfo).port })
        })
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
