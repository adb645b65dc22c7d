import type { CharClass } from './char-class.js'
import { INSTRUCTIONS_MAX } from './limits.js'
import { type Assertion, type Node, PatternError } from './syntax.js'

/** One step of a matcher; `next` and `other` are indexes of instructions. */
export type Instruction =
  | { readonly kind: 'class'; readonly set: CharClass; next: number }
  | { readonly kind: 'assert'; readonly what: Assertion; next: number }
  | { readonly kind: 'fork'; next: number; other: number }
  | { readonly kind: 'match' }

/** Parts of the tree looked at, each as often as it is repeated. */
const COMPILED_MAX = 10 * INSTRUCTIONS_MAX

/** Thompson's construction: the program accepts what the tree means, and its size is bounded. */
export class Program {
  readonly instructions: Instruction[] = [{ kind: 'match' }]
  readonly start: number
  #compiled = 0

  constructor(tree: Node) {
    this.start = this.#compile(tree, 0)
  }

  /** Returns where the part begins, if after it the program goes on at `next`. */
  #compile(node: Node, next: number): number {
    // Repeating something empty adds no instruction, but must end as well.
    if (++this.#compiled > COMPILED_MAX) throw new PatternError('the pattern is too large')
    switch (node.kind) {
      case 'empty':
        return next
      case 'class':
        return this.#add({ kind: 'class', set: node.set, next })
      case 'assert':
        return this.#add({ kind: 'assert', what: node.what, next })
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.#compile(part, after), next)
      case 'either':
        return node.parts
          .map((part) => this.#compile(part, next))
          .reduceRight((other, start) => this.#add({ kind: 'fork', next: start, other }))
      case 'repeat':
        return this.#repeat(node, next)
    }
  }

  #repeat({ part, min, max }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let start = next
    let required = min
    if (max === Number.POSITIVE_INFINITY) {
      const loop: Extract<Instruction, { kind: 'fork' }> = { kind: 'fork', next, other: next }
      const again = this.#add(loop)
      loop.next = this.#compile(part, again)
      // The first pass of a loop that must be taken once is the way into it.
      start = min === 0 ? again : loop.next
      required = Math.max(min - 1, 0)
    } else {
      for (let optional = min; optional < max; optional++) {
        start = this.#add({ kind: 'fork', next: this.#compile(part, start), other: next })
      }
    }
    for (; required > 0; required--) start = this.#compile(part, start)
    return start
  }

  #add(instruction: Instruction): number {
    if (this.instructions.length >= INSTRUCTIONS_MAX) throw new PatternError('the pattern is too large')
    return this.instructions.push(instruction) - 1
  }
}
