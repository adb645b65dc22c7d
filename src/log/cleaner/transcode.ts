import type { Engine, TranscodeJob } from '../../native/engine.js'
import { DECOMPRESSED_BYTES_MAX } from '../limits.js'
import type { RecordsCodec } from '../records-codec.js'

/** Answers a cleaner's question; the codecs work on threads of their own and at their default levels, as Kafka's. */
export function transcode(job: TranscodeJob, codec: RecordsCodec, engine: Engine): void {
  const { codec: id, bytes, compress } = job
  const done = compress ? codec.compress(id, bytes) : codec.decompress(id, bytes, DECOMPRESSED_BYTES_MAX)
  done.then(
    (output) => engine.transcoded(job.job, output),
    () => engine.transcoded(job.job, null),
  )
}
