/** A listener as it is configured. */
export interface ListenerAddress {
  readonly name: string
  /** Without brackets; empty means every interface. */
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** What clients are told; null when they are told the address they dialled. */
  readonly advertised: { readonly host: string; readonly port: number } | null
}

export function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::'
}

export function formatAddress({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
