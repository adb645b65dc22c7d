// `millrace start [server.properties] --override key=value`: reads what was typed and hands it to `serve`.

import { type Command, InvalidArgumentError } from 'commander'
import { createLogger, loggerOptionsFrom } from '../base/logger.js'
import { nodeHost } from './host.js'
import { serve } from './serve.js'

interface StartOptions {
  readonly override: Readonly<Record<string, string>>
  readonly json?: true
}

export function startCommand(program: Command, version: string): void {
  program
    .command('start')
    .description('Start the broker in the foreground.')
    .argument('[server.properties]', 'a properties file as Kafka has it')
    .option('--override <key=value>', 'a property, over file and environment; may be repeated', collect, {})
    .option('--json', 'write the log as JSON lines')
    .action(async (file: string | undefined, options: StartOptions) => {
      const chosen = loggerOptionsFrom(process.env)
      const logger = createLogger({ name: 'millrace', ...chosen, ...(options.json && { format: 'json' }) })
      // Loaded late: the other verbs need neither the broker nor its addon.
      const { releaseProgram, startBroker } = await import('../broker.js')
      process.exitCode = await serve({
        version,
        logger,
        startBroker,
        started: releaseProgram,
        propertiesPath: file ?? null,
        overrides: options.override,
        environment: process.env,
        host: nodeHost,
        uptimeMs: () => process.uptime() * 1000,
      })
      logger.flush()
      // Whatever a library left open must not keep a stopped broker alive.
      process.exit()
    })
}

function collect(pair: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = pair.indexOf('=')
  if (at <= 0) throw new InvalidArgumentError('Write it as key=value.')
  return { ...before, [pair.slice(0, at).trim()]: pair.slice(at + 1) }
}
