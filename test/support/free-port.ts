import { createServer } from 'node:net'

/** A port of the loopback interface that nobody listened on a moment ago, for a process that must be told one. */
export function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer().once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => found(port))
    })
  })
}
