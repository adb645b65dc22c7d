// Millrace inside a program, as `startBroker` puts it there, whose script becomes busy and calm again with SIGUSR2.
// It answers nothing while it is busy; what goes on all the same does not need the script.
//
//   embedded.ts MILLRACE_DIRECTORY PORT DATA_DIRECTORY

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stayBusy } from './busy.js'

const [millrace = '.', port = '0', dataDir = 'data'] = process.argv.slice(2)
const { startBroker }: typeof import('../../src/index.js') = await import(
  pathToFileURL(join(millrace, 'dist/index.js')).href
)
// The threads of a broker that stands alone: only the place of the script differs from the other scenarios.
const overrides = { 'num.network.threads': 3, 'millrace.log.threads': 2 }
const broker = await startBroker({ port: Number(port), dataDir, overrides })

let calm: (() => void) | undefined
process.on('SIGUSR2', () => {
  calm = calm === undefined ? stayBusy() : void calm()
})
process.on('SIGTERM', async () => {
  calm?.()
  await broker.stop()
  process.exit(0)
})
process.stdout.write('Kafka Server started\n')
