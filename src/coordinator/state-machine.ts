// What the runtime asks of a replicated state, and what it offers to it.
//
// The state changes in two ways. `apply` takes one entry, and is the only thing that changes what must survive a
// restart; loading a log and handling a request go through the very same `apply`. `handle` takes an event: it may
// change what lives only in memory (who waits for what), and asks for everything else through `Effects`.
//
// Order: an entry is applied at the moment it is appended, so the next event of the same turn already sees it, and
// its bytes join the shard's open batch. A reply leaves only when every entry appended before it is written. So no
// client ever learns of something that a crash could take back. When an append fails, the whole shard is dropped:
// every reply that was held back and every parked wait fails with one code, and the state is loaded again from what
// the log does hold. There is no partial rollback to get wrong.

import type { Writer } from '../protocol/writer.js'
import type { EventTimer } from './event-timer.js'
import type { Failable, Wait } from './wait.js'

export interface Effects<Event, Entry> {
  /** Wall clock, the same during one event. */
  readonly nowMs: number
  /** Applies the entry and fixes its place in the log; as part of the producer's transaction if one is given. */
  append(entry: Entry, producer?: TransactionalProducer): void
  /** Hands the reply to the wait once everything appended so far is written. */
  reply<Reply>(wait: Wait<Reply>, reply: Reply): void
  /** A scheduled timer moves to the new deadline. */
  schedule(timer: EventTimer<Event>, delayMs: number): void
  cancel(timer: EventTimer<Event>): void
}

/** Whose transaction an entry is part of: it is written in a transactional batch and counts once that commits. */
export interface TransactionalProducer {
  readonly id: number
  readonly epoch: number
}

/** Where an applied entry came from. */
export interface Origin {
  /** Grows with every entry of the shard; while loading it is the offset in the log. */
  readonly position: number
  /** Producer of a transactional batch, else -1: the entry counts only once its transaction commits. */
  readonly producerId: number
}

export interface StateMachine<Event, Entry> {
  handle(event: Event, effects: Effects<Event, Entry>): void
  apply(entry: Entry, origin: Origin): void
  /** The end of a transaction, read from a control batch. */
  applyMarker(producerId: number, committed: boolean): void
  /** The log is replayed: timers of what was found may start. */
  loaded(effects: Effects<Event, Entry>): void
  /** Every timer the state holds, scheduled or not. */
  timers(): Iterable<EventTimer<Event>>
  /** Takes out and returns every wait that is parked in the state. */
  takeWaits(): Iterable<Failable>
}

/** How entries become records. `decode` returns null for a record type it does not know, and throws ProtocolError. */
export interface EntryCodec<Entry> {
  writeKey(entry: Entry, writer: Writer): void
  /** False writes nothing: the record is a tombstone. */
  writeValue(entry: Entry, writer: Writer): boolean
  decode(key: Buffer, value: Buffer | null): Entry | null
}

/** A log of record batches as a coordinator sees it. `Partition` offers the same under its own names. */
export interface CoordinatorLog {
  /** One magic-2 batch with base offset 0. The order is fixed by the call, the promise resolves when written. */
  append(batch: Buffer): Promise<{ baseOffset: number; endOffset: number }>
  /** Whole batches from the one holding `offset`, at least one when there is one. */
  read(offset: number, bytesMax: number): Promise<Buffer>
  readonly startOffset: number
  readonly endOffset: number
}

/** Kafka's compression of the records of a batch. */
export interface RecordCompression {
  compress(codecId: number, records: Buffer): Promise<Buffer>
  decompress(codecId: number, records: Buffer): Promise<Buffer>
}
