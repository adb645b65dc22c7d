// Question: how many small requests per second does one trip reactor -> script -> reactor carry?
// Unit: microseconds of CPU per request of the whole process; requests per second are the load generator's to
// count. Prints the port and echoes every frame until SIGTERM.
//
//   node --import tsx bench/native/echo.ts

import { createEngine, defaultEngineOptions } from '../../src/native/binding.js'

const engine = createEngine({ ...defaultEngineOptions(), networkThreads: 1 })
let frames = 0
engine.start({
  accepted() {},
  frame(connection, sequence, position, length, _verdict, frame) {
    const start = engine.outboxStart()
    engine.outbox.writeInt32BE(length, start)
    engine.slab.copy(engine.outbox, start + 4, position, position + length)
    engine.send(connection, sequence, start, start + 4 + length, null)
    engine.release(frame)
    frames++
  },
  closed() {},
  appended() {},
  rolled() {},
  indexRebuilt() {},
  logFailed() {},
  ticketFailed() {},
  ticketDone() {},
  transcode() {},
  drained() {},
})
const { port } = await engine.listen({ host: '127.0.0.1', port: 0, backlog: 128 })
console.log(`port ${port}`)

process.on('SIGTERM', async () => {
  const { user, system } = process.cpuUsage()
  console.log(`frames ${frames}, CPU us per frame ${((user + system) / frames).toFixed(2)}`)
  await engine.stop()
  process.exit(0)
})
