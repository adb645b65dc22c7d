import type { Assignor } from './assignor.js'
import { range } from './range.js'
import { uniform } from './uniform.js'

const builtIn: ReadonlyMap<string, Assignor> = new Map(
  [uniform, range].map((assignor) => [assignor.name, assignor]),
)

/** The assignors of these names; a class of one's own is nothing this broker could load, and is left out. */
export function assignorsOf(names: readonly string[]): Assignor[] {
  return names.flatMap((name) => builtIn.get(name) ?? [])
}
