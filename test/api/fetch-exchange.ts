// Fetches as a client makes them: requests are written, answers read, in the version's own bytes, as the schemas
// describe them.

import type { Api } from '../../src/api/api.js'
import type { FetchAnswer } from '../../src/api/fetch-answer.js'
import type { FetchRequestView } from '../../src/api/fetch-request.js'
import { decode, encode } from '../../src/protocol/compile.js'
import { FetchRequest, FetchResponse } from '../../src/protocol/messages/fetch.js'
import { Reader } from '../../src/protocol/reader.js'
import type { Draft } from '../../src/protocol/schema.js'
import { Writer } from '../../src/protocol/writer.js'
import type { World } from '../sim/world.js'
import { FakeContext } from './fake-context.js'

type Handler = Api<FetchRequestView, FetchAnswer>
type Partition = FetchResponse['responses'][number]['partitions'][number]

/** `records` tells where they come from instead of where they would stand. */
export type FetchedPartition = Omit<Partition, 'records'> & {
  readonly records: { slice: { log: number; segment: number; position: number } | null; length: number }
}
export type Fetched = Omit<FetchResponse, 'responses'> & {
  readonly responses: readonly (Omit<FetchResponse['responses'][number], 'partitions'> & {
    readonly partitions: readonly FetchedPartition[]
  })[]
}

export class FetchExchange extends FakeContext<FetchAnswer> {
  readonly answers: Fetched[] = []

  constructor(
    world: World,
    private readonly handler: Handler,
    version: number,
  ) {
    super(world, version)
  }

  ask(request: Draft<typeof FetchRequest>): this {
    const writer = new Writer().reset()
    encode(FetchRequest, this.apiVersion, writer, request)
    const reader = new Reader(Buffer.from(writer.bytesWritten()))
    const view = decode(this.handler.requestSchema, this.apiVersion, reader) as unknown as FetchRequestView
    const answer = this.handler.handle(view, this)
    if (answer !== undefined && !(answer instanceof Promise)) this.respond(answer)
    return this
  }

  /** Read at once: what the answer refers to is gone with the next request. */
  override respond(answer: FetchAnswer): void {
    const writer = new Writer().reset()
    encode(this.handler.responseSchema, this.apiVersion, writer, answer as never)
    this.answers.push(fetched(this.apiVersion, writer))
  }
}

export function fetched(version: number, writer: Writer): Fetched {
  const { slices } = writer
  const written = writer.bytesWritten()
  const pieces: Buffer[] = []
  let at = 0
  for (let i = 0; i < slices.count; i++) {
    pieces.push(written.subarray(at, slices.at[i]), Buffer.alloc(slices.length[i] as number))
    at = slices.at[i] as number
  }
  const reader = new Reader(Buffer.concat([...pieces, written.subarray(at)]))
  const response = decode(FetchResponse, version, reader)
  if (reader.remaining > 0) throw new Error('an answer with bytes behind its end')
  let slice = 0
  const recordsOf = ({ records }: Partition) => {
    const length = records?.length ?? -1
    if (length <= 0) return { slice: null, length }
    const [log, segment, position] = [slices.log[slice], slices.segment[slice], slices.position[slice]]
    slice++
    return { slice: { log: log as number, segment: segment as number, position: position as number }, length }
  }
  const responses = response.responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((partition) => ({ ...partition, records: recordsOf(partition) })),
  }))
  return { ...response, responses }
}
