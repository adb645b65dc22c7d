// The command line. One verb per file; this one only says which there are.

import { createRequire } from 'node:module'
import { Command } from 'commander'
import { startCommand } from './start-command.js'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const program = new Command('millrace')
  .description('A broker that speaks the Kafka protocol.')
  .version(version, '-V, --version')
  .showHelpAfterError()

startCommand(program, version)

void program.parseAsync()
