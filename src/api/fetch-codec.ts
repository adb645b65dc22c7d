import type { RowsPool } from '../fetch/rows-pool.js'
import { withCodec } from '../protocol/compile.js'
import { FetchRequest, FetchResponse } from '../protocol/messages/fetch.js'
import type { Reader } from '../protocol/reader.js'
import type { Schema } from '../protocol/schema.js'
import type { Writer } from '../protocol/writer.js'
import { type FetchAnswer, writeFetchAnswer } from './fetch-answer.js'
import { readFetchRequest } from './fetch-request.js'

/** Fetch as the schemas describe it, read into rows and written from rows. */
export function fetchCodec(pool: RowsPool): { readonly request: Schema; readonly response: Schema } {
  return {
    request: withCodec(FetchRequest, (version) => ({
      decode: (reader: Reader) => readFetchRequest(reader, version, pool),
    })),
    response: withCodec(FetchResponse, (version) => ({
      encode: (writer: Writer, answer: FetchAnswer) => writeFetchAnswer(writer, version, answer),
    })),
  }
}
