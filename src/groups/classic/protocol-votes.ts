import type { Protocol } from '../requests.js'
import type { Member } from './member.js'

/** Counts how many members offer each protocol, so that joining does not walk the members. */
export class ProtocolVotes {
  readonly #counts = new Map<string, number>()

  add(protocols: readonly Protocol[]): void {
    for (const { name } of protocols) this.#counts.set(name, this.supportedBy(name) + 1)
  }

  remove(protocols: readonly Protocol[]): void {
    for (const { name } of protocols) {
      const left = this.supportedBy(name) - 1
      if (left > 0) this.#counts.set(name, left)
      else this.#counts.delete(name)
    }
  }

  supportedBy(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /**
   * The protocol most members prefer among those all offer; null without members or without a common one. Of equals
   * the one that got a vote first wins, so that the outcome does not depend on chance.
   */
  select(members: Iterable<Member>): string | null {
    const all = [...members]
    const candidates = new Set<string>()
    for (const [name, count] of this.#counts) if (count === all.length) candidates.add(name)
    const votes = new Map<string, number>()
    for (const member of all) {
      const name = member.vote(candidates)
      if (name !== undefined) votes.set(name, (votes.get(name) ?? 0) + 1)
    }
    let selected: string | null = null
    for (const [name, count] of votes) {
      if (selected === null || count > (votes.get(selected) as number)) selected = name
    }
    return selected
  }
}
