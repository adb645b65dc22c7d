/** How often each name was counted up and not down again; one that comes to nothing is not there. */
export class Counts {
  readonly #counts = new Map<string, number>()

  add(name: string, by: 1 | -1): void {
    const count = (this.#counts.get(name) ?? 0) + by
    if (count > 0) this.#counts.set(name, count)
    else this.#counts.delete(name)
  }

  has(name: string): boolean {
    return this.#counts.has(name)
  }

  keys(): Iterable<string> {
    return this.#counts.keys()
  }
}
