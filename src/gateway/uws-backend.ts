// uWebSockets.js as a backend.

import type { HttpRequest, HttpResponse, us_listen_socket } from 'uWebSockets.js'
import type { HttpAddress, HttpBackend, HttpHandler } from './http-backend.js'

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Rejects where the library has no binary for this Node. */
export async function uwsBackend(handler: HttpHandler): Promise<HttpBackend> {
  const uws = (await import('uWebSockets.js')).default
  const app = uws.App()
  app.any('/*', (response: HttpResponse, request: HttpRequest) => {
    const method = request.getMethod().toUpperCase()
    const reply = handler(method, request.getUrl())
    response.cork(() => {
      response.writeStatus(`${reply.status} ${REASONS[reply.status] ?? ''}`)
      response.writeHeader('content-type', reply.contentType)
      if (method === 'HEAD') response.end()
      else response.end(reply.body)
    })
  })
  return {
    name: 'uWebSockets.js',
    listen: ({ host, port }: HttpAddress) =>
      new Promise((resolve, reject) => {
        const listen = app.listen as unknown as ListenExclusively
        listen.call(app, host, port, EXCLUSIVE_PORT, (socket) => {
          if (socket) resolve({ port: uws.us_socket_local_port(socket) })
          else reject(addressInUse(host, port))
        })
      }),
    close: async () => {
      app.close()
    },
  }
}

/** The library takes host and options together, only its types do not say so. */
type ListenExclusively = (
  host: string,
  port: number,
  options: number,
  listening: (socket: us_listen_socket | false) => void,
) => void

/** Without it a second broker would share the port in silence. */
const EXCLUSIVE_PORT = 1

/** The library tells only that it failed; an address already in use is by far the commonest reason. */
function addressInUse(host: string, port: number): Error {
  const message = `cannot listen on ${host}:${port}`
  return Object.assign(new Error(message), { code: 'EADDRINUSE', syscall: 'listen', address: host, port })
}
