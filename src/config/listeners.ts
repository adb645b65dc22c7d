// `listeners`, `advertised.listeners` and `listener.security.protocol.map`, read together.
//
//   NAME://host:port, comma separated. The host may be empty (every interface), a name, an IPv4 address or an IPv6
//   address in brackets. Port 0 takes a free port. The name is the security protocol unless the map says otherwise.

import { ConfigError } from './config-value.js'

export interface Listener {
  readonly name: string
  readonly host: string
  readonly port: number
  /** What clients are told; null when they are told the address they dialled. */
  readonly advertised: { readonly host: string; readonly port: number } | null
}

export interface ListenerSettings {
  readonly listeners: readonly string[]
  /** False when `listeners` holds the default, which `advertised.listeners` alone may replace. */
  readonly listenersGiven: boolean
  readonly advertised: readonly string[] | null
  readonly protocolMap: string
  readonly controllerNames: readonly string[]
}

export function parseListeners(settings: ListenerSettings): { listeners: Listener[]; skipped: string[] } {
  const advertised = parseEndpoints('advertised.listeners', settings.advertised ?? [])
  const derived = !settings.listenersGiven && advertised.length > 0
  const all = derived
    ? advertised.map((endpoint) => ({ ...endpoint, host: '0.0.0.0' }))
    : parseEndpoints('listeners', settings.listeners)
  // The embedded controller needs no socket, so its listeners stay closed.
  const isController = (endpoint: Endpoint) => settings.controllerNames.includes(endpoint.name)
  const open = all.filter((endpoint) => !isController(endpoint))
  if (open.length === 0)
    throw new ConfigError('listeners', 'No listener for clients is left: set `listeners`.')
  checkPorts(open)
  checkProtocols(open, settings.protocolMap)
  checkAdvertised(advertised, all)
  const listeners = open.map(({ name, host, port }) => {
    const told = advertised.find((endpoint) => endpoint.name === name)
    return { name, host, port, advertised: told ? { host: told.host, port: told.port } : null }
  })
  return { listeners, skipped: all.filter(isController).map((endpoint) => endpoint.name) }
}

interface Endpoint {
  readonly name: string
  readonly host: string
  readonly port: number
}

/** Names are upper case, as Kafka keeps them. */
function parseEndpoints(key: string, texts: readonly string[]): Endpoint[] {
  const endpoints = texts.map((text) => parseEndpoint(key, text))
  const names = new Set<string>()
  for (const { name } of endpoints) {
    if (names.has(name)) throw new ConfigError(key, `${key}: the listener name ${name} is used twice.`)
    names.add(name)
  }
  return endpoints
}

function parseEndpoint(key: string, text: string): Endpoint {
  const match = /^([A-Za-z0-9_-]+):\/\/(?:\[([0-9a-fA-F:.%a-z]+)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[4])
  if (match === null || port > 65_535) {
    throw new ConfigError(key, `${key}: ${text} is not a listener; write NAME://host:port.`)
  }
  return { name: (match[1] as string).toUpperCase(), host: match[2] ?? match[3] ?? '', port }
}

/** One port may serve an IPv4 and an IPv6 address, nothing else may share. */
function checkPorts(endpoints: readonly Endpoint[]): void {
  for (const [index, first] of endpoints.entries()) {
    for (const second of endpoints.slice(index + 1)) {
      const pair = first.host.includes(':') !== second.host.includes(':')
      if (first.port === 0 || first.port !== second.port || pair) continue
      const names = `${first.name} and ${second.name}`
      throw new ConfigError('listeners', `listeners: ${names} use the same port ${first.port}.`)
    }
  }
}

function checkProtocols(endpoints: readonly Endpoint[], mapText: string): void {
  const protocols = parseProtocolMap(mapText)
  for (const { name } of endpoints) {
    const protocol = protocols.get(name)
    if (protocol === undefined) {
      const message = `No security protocol defined for listener ${name}: add ${name}:PLAINTEXT.`
      throw new ConfigError('listener.security.protocol.map', message)
    }
    if (protocol !== 'PLAINTEXT') {
      const message = `Listener ${name} asks for ${protocol}; Millrace serves PLAINTEXT only so far.`
      throw new ConfigError('listeners', message)
    }
  }
}

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']

function parseProtocolMap(text: string): Map<string, string> {
  const key = 'listener.security.protocol.map'
  // A map that replaces the default still knows PLAINTEXT, which nobody means otherwise.
  const protocols = new Map<string, string>([['PLAINTEXT', 'PLAINTEXT']])
  for (const pair of text.split(',').map((part) => part.trim())) {
    if (pair === '') continue
    const [name = '', protocol = '', ...rest] = pair.split(':').map((part) => part.trim().toUpperCase())
    if (name === '' || rest.length > 0 || !PROTOCOLS.includes(protocol)) {
      throw new ConfigError(key, `${key}: ${pair} is not NAME:PROTOCOL with one of ${PROTOCOLS.join(', ')}.`)
    }
    protocols.set(name, protocol)
  }
  return protocols
}

function checkAdvertised(advertised: readonly Endpoint[], listeners: readonly Endpoint[]): void {
  const key = 'advertised.listeners'
  for (const { name, host } of advertised) {
    if (!listeners.some((listener) => listener.name === name)) {
      throw new ConfigError(key, `${key}: ${name} is not among the listeners.`)
    }
    if (host === '' || host === '0.0.0.0' || host === '::') {
      const message = `${key}: ${name} must name an address that clients can reach, not '${host}'.`
      throw new ConfigError(key, message)
    }
  }
}
