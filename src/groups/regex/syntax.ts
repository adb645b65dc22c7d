import type { CharClass } from './char-class.js'

/** What a pattern means, as a tree. */
export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'class'; readonly set: CharClass }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number }

export type Assertion = 'start' | 'end' | 'boundary' | 'no-boundary'

export class PatternError extends Error {
  override readonly name = 'PatternError'
}
