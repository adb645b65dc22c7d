import { decode } from '../../protocol/compile.js'
import { ConsumerProtocolSubscription } from '../../protocol/messages/consumer-protocol.js'
import { ProtocolError } from '../../protocol/protocol-error.js'
import { Reader } from '../../protocol/reader.js'

const reader = new Reader()

/**
 * Topics of a consumer's subscription, or null when the blob cannot be read. Every version begins with the fields
 * of version 0, and some clients claim a later version without writing its fields, so only those are read.
 */
export function subscribedTopicsOf(metadata: Buffer): readonly string[] | null {
  try {
    reader.reset(metadata, 0, metadata.length)
    reader.int16()
    return decode(ConsumerProtocolSubscription, 0, reader).topics
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}
