// What the lifecycle scenario sends and how it judges what came back; every client's program has the
// same in its own language. A phase is over when the wanted records are there and every member of the
// group owns partitions, all of them together.
export const PARTITIONS = 8
export const RECORDS_PER_PHASE = 2000
export const MEMBERS = 2
export const PHASE_TIMEOUT_MS = 60_000
// A record that is delivered twice arrives after the wanted number is reached.
export const SETTLE_MS = 500

export function wantedKey(index) {
  return `key-${index}`
}

export function wantedValue(index) {
  return `value-${index}-${'x'.repeat(index % 200)}`
}

export function wantedHeaders(index) {
  return { index: `${index}`, empty: '', source: 'compat' }
}

export class Ledger {
  #taken = new Set()
  #offsets = new Map()
  #owned = new Map()
  counts = { consumed: 0, repeated: 0, damaged: 0, misordered: 0 }

  // key, value and the header values are strings here.
  take({ partition, offset, key, value, headers }) {
    const index = Number(headers.index)
    this.counts.consumed++
    if (this.#taken.has(index)) this.counts.repeated++
    this.#taken.add(index)
    if (
      key !== wantedKey(index) ||
      value !== wantedValue(index) ||
      !sameHeaders(headers, wantedHeaders(index))
    ) {
      this.counts.damaged++
    }
    if (offset !== (this.#offsets.get(partition) ?? 0)) this.counts.misordered++
    this.#offsets.set(partition, offset + 1)
  }

  // partitions: what the member owns now.
  own(member, partitions) {
    this.#owned.set(member, new Set(partitions))
  }

  get distinct() {
    return this.#taken.size
  }

  shares() {
    return [...this.#owned.values()].map((partitions) => partitions.size)
  }

  // To be called while no member runs: a late report of the last phase must not count in this one.
  phaseBegin() {
    this.#owned.clear()
  }

  async phaseEnd(recordsWanted) {
    const deadline = Date.now() + PHASE_TIMEOUT_MS
    while (this.distinct < recordsWanted || !this.#allOwned()) {
      if (Date.now() > deadline) {
        throw new Error(
          `${this.distinct} of ${recordsWanted} records, shares ${this.shares()} after the time`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const shares = this.shares()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    return shares
  }

  #allOwned() {
    const shares = this.shares()
    // A member may tell of what it gave up after another told of having it.
    const told = [...this.#owned.values()].flatMap((partitions) => [...partitions])
    const each = told.length === PARTITIONS && new Set(told).size === PARTITIONS
    return shares.length === MEMBERS && shares.every((share) => share > 0) && each
  }
}

export function range(first, end) {
  return Array.from({ length: end - first }, (_, position) => first + position)
}

// produce(indexes) and members(): starts both and returns what stops them.
export async function lifecycle({ client, ledger, produce, members }) {
  const shares = []
  for (let phase = 1; phase <= 2; phase++) {
    const first = (phase - 1) * RECORDS_PER_PHASE
    await produce(range(first, first + RECORDS_PER_PHASE))
    ledger.phaseBegin()
    const stop = await members()
    shares.push(await ledger.phaseEnd(phase * RECORDS_PER_PHASE))
    await stop()
  }
  console.log(
    JSON.stringify({
      client,
      produced: 2 * RECORDS_PER_PHASE,
      distinct: ledger.distinct,
      ...ledger.counts,
      shares,
    }),
  )
}

function sameHeaders(got, wanted) {
  const names = Object.keys(wanted)
  return Object.keys(got).length === names.length && names.every((name) => got[name] === wanted[name])
}
