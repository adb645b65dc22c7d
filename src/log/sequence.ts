// Producer sequences count records from 0 to 2^31 - 1 and then begin again at 0. -1 stands for none.

const SEQUENCE_MAX = 0x7fffffff

export function incrementSequence(sequence: number, by: number): number {
  return sequence > SEQUENCE_MAX - by ? by - (SEQUENCE_MAX - sequence) - 1 : sequence + by
}

/** Of a batch that begins at `firstSequence`; batches of the broker itself have none. */
export function lastSequenceOf(firstSequence: number, lastOffsetDelta: number): number {
  return firstSequence < 0 ? -1 : incrementSequence(firstSequence, lastOffsetDelta)
}

export function decrementSequence(sequence: number, by: number): number {
  return sequence < by ? SEQUENCE_MAX - (by - sequence) + 1 : sequence - by
}

export function isNextSequence(last: number, next: number): boolean {
  return next === (last === SEQUENCE_MAX ? 0 : last + 1)
}
