// Why a broker did not start, for the person who started it: what happened, what it means, what to do.

import type { Listener } from '../config/listeners.js'

interface Failure {
  readonly message: string
  readonly code?: string
  readonly key?: string
  readonly path?: string
  readonly operation?: string
  readonly syscall?: string
  readonly port?: number
  readonly stack?: string
}

interface Context {
  readonly propertiesPath: string | null
  /** Of the configuration, once there is one. */
  readonly listeners: readonly Listener[]
}

export function explainFailure(error: unknown, context: Context): string {
  const failure = error as Failure
  const [happened, means, todo] = explanation(failure, context)
  return `millrace: ${happened}\n  ${means}\n  ${todo}\n`
}

type Explanation = readonly [happened: string, means: string, todo: string]

function explanation(failure: Failure, context: Context): Explanation {
  const told = failure.code === undefined ? undefined : EXPLANATIONS[failure.code]
  if (told !== undefined) return told(failure, context)
  const origin = failure.stack?.split('\n').slice(1).join('\n  ').trim()
  return [failure.message ?? String(failure), 'The broker could not start.', origin ?? 'No more is known.']
}

type Explain = (failure: Failure, context: Context) => Explanation

const OTHER_DIRECTORY = 'choose another directory: --override log.dirs=/path'

const notAllowed: Explain = ({ path, code }) => [
  `${path ?? 'the address'} may not be used (${code}).`,
  'The user that runs the broker lacks the permission, or the port is below 1024.',
  'Give the permission, or choose another directory or port.',
]

const locked: Explain = ({ path }) => [
  `the data directory is locked by another process (${path ?? 'its .lock file'}).`,
  'Another broker uses it, and two would destroy each other’s logs.',
  `Stop the other broker, or ${OTHER_DIRECTORY}`,
]

const noSpace: Explain = ({ path }) => [
  `there is no space left for ${path ?? 'the data'}.`,
  'The broker writes its checkpoints when it starts.',
  `Free some space, or ${OTHER_DIRECTORY}`,
]

const noDirectory: Explain = ({ path }) => [
  `${path ?? 'the log directory'} is not a directory.`,
  'The broker keeps its logs in directories.',
  `Remove the file, or ${OTHER_DIRECTORY}`,
]

const tooManyFiles: Explain = () => [
  'too many files are open.',
  'Connections and the logs in use need file descriptors, and a start needs some dozens.',
  'Raise the limit (ulimit -n) and start again.',
]

const EXPLANATIONS: Readonly<Record<string, Explain>> = {
  MILLRACE_CONFIG: ({ message, key }, { propertiesPath }) => [
    message,
    'The configuration cannot be used, so nothing was started.',
    `Correct ${key || 'it'} in ${configPlaces(key, propertiesPath)}.`,
  ],
  EADDRINUSE: (failure, { listeners }) => [
    `${addressOf(failure, listeners)} is already in use.`,
    'Another process, perhaps another broker, listens there.',
    'Stop that process, or choose another port: --override listeners=PLAINTEXT://:9093',
  ],
  EADDRNOTAVAIL: (failure, { listeners }) => [
    `${addressOf(failure, listeners)} is not an address of this machine.`,
    'Only addresses of its own network interfaces can be listened on.',
    'Use 0.0.0.0 in `listeners` and name the outside address in `advertised.listeners`.',
  ],
  ENOENT: ({ path }, { propertiesPath }) => [
    `${path} does not exist.`,
    path === propertiesPath ? 'It was named as the properties file.' : 'The broker needs it to start.',
    'Check the path.',
  ],
  ELOCKED: locked,
  EWOULDBLOCK: locked,
  EAGAIN: locked,
  EACCES: notAllowed,
  EPERM: notAllowed,
  EROFS: notAllowed,
  ENOSPC: noSpace,
  EDQUOT: noSpace,
  EEXIST: noDirectory,
  ENOTDIR: noDirectory,
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
}

/** The engine names the host alone; the port is the listener's. */
function addressOf({ path, port }: Failure, listeners: readonly Listener[]): string {
  if (port !== undefined) return `port ${port}`
  const candidates = listeners.filter(({ host }) => host === path)
  if (candidates.length === 0) return path ?? 'the address'
  return candidates.map((listener) => `${listener.host}:${listener.port}`).join(' or ')
}

/** All the places a key may come from, the one that wins first. */
function configPlaces(key: string | undefined, propertiesPath: string | null): string {
  if (!key) return 'the properties file, the environment or --override'
  const variable = `KAFKA_${key.replaceAll('-', '___').replaceAll('.', '_').toUpperCase()}`
  return `--override, ${variable} or ${propertiesPath ?? 'a properties file'}`
}
