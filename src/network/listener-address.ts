/** One entry of `listeners` or `advertised.listeners`: NAME://host:port. */
export interface ListenerAddress {
  readonly name: string
  /** Without brackets; empty means every interface. */
  readonly host: string
  readonly port: number
}

const ADDRESS = /^([A-Za-z0-9_-]+):\/\/(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]]*)):(-?\d+)$/

/** Throws a RangeError that names the entry, in the words an operator would search for. */
export function parseListenerAddress(text: string): ListenerAddress {
  const match = ADDRESS.exec(text.trim())
  const port = Number(match?.[4])
  if (match === null || !(port >= 0 && port <= 65_535)) {
    throw new RangeError(`Unable to parse ${text} to a broker endpoint; expected NAME://host:port`)
  }
  return { name: (match[1] as string).toUpperCase(), host: match[2] ?? match[3] ?? '', port }
}

export function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::'
}

export function formatAddress({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
