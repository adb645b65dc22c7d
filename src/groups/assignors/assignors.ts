import type { Assignor } from './assignor.js'
import { range } from './range.js'
import { uniform } from './uniform.js'

/** By the name members ask for, and by the name of Kafka's class, which settings may give as well. */
const builtIn: ReadonlyMap<string, Assignor> = new Map([
  [uniform.name, uniform],
  [range.name, range],
  ['org.apache.kafka.coordinator.group.assignor.UniformAssignor', uniform],
  ['org.apache.kafka.coordinator.group.assignor.RangeAssignor', range],
])

export const assignorNames: readonly string[] = [...builtIn.keys()]

/** The assignor of the name; undefined for a class of one's own, which this broker cannot load. */
export function assignorOf(name: string): Assignor | undefined {
  return builtIn.get(name)
}

/** For names that are known. */
export function assignorsOf(names: readonly string[]): Assignor[] {
  return [...new Set(names.flatMap((name) => builtIn.get(name) ?? []))]
}
