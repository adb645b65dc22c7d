import type { GroupEffects } from '../events.js'
import { Matcher } from '../regex/matcher.js'
import { PatternError } from '../regex/syntax.js'
import type { ConsumerGroup } from './group.js'
import type { MemberMetadata } from './member.js'
import type { TopicSource } from './topics.js'

/** Patterns of a group are matched against changed topics no more often than this, as in Kafka. */
export const REGEX_REFRESH_INTERVAL_MIN_MS = 10_000

/** Known patterns of a group that one heartbeat matches again; the next ones go on. */
const PATTERNS_PER_STEP_MAX = 8

/** The topics, and how long a resolution stands even if they do not change. */
export interface PatternSource {
  readonly topics: TopicSource
  readonly regexRefreshIntervalMs: number
}

/** Names of the topics, in order, or null for a pattern that is none or would take too long. */
export function matchTopics(pattern: string, topics: TopicSource): string[] | null {
  try {
    const matcher = new Matcher(pattern)
    return [...topics.names()].filter((name) => matcher.matches(name)).sort()
  } catch (error) {
    if (error instanceof PatternError) return null
    throw error
  }
}

/** Names of every topic a member subscribes to, whether it exists or not. */
export function subscribedTopics(group: ConsumerGroup, metadata: MemberMetadata): Set<string> {
  const names = new Set(metadata.subscribedTopicNames)
  const regex = metadata.subscribedTopicRegex
  if (regex) for (const name of group.regexes.get(regex)?.topics ?? []) names.add(name)
  return names
}

/**
 * Makes the stored resolutions what the members' patterns and the topics say: new patterns at once, known ones when
 * the topics changed or the last look is long ago, forgotten ones go. A pattern that fails now keeps what it matched
 * before.
 */
export function resolvePatterns(group: ConsumerGroup, source: PatternSource, effects: GroupEffects): void {
  const { groupId } = group
  const { topics } = source
  for (const regularExpression of [...group.regexes.keys()]) {
    if (group.hasPattern(regularExpression)) continue
    effects.append({ type: 'consumer-regex', key: { groupId, regularExpression }, value: null })
  }
  let again = 0
  for (const regularExpression of group.patterns()) {
    const known = group.regexes.get(regularExpression)
    if (known !== undefined && !isStale(known, source, effects.nowMs)) continue
    if (known !== undefined && ++again > PATTERNS_PER_STEP_MAX) continue
    const matched = matchTopics(regularExpression, topics) ?? known?.topics ?? []
    const value = { topics: matched, version: topics.version, timestamp: effects.nowMs }
    effects.append({ type: 'consumer-regex', key: { groupId, regularExpression }, value })
  }
}

type Resolution = { readonly version: number; readonly timestamp: number }

function isStale(
  { version, timestamp }: Resolution,
  { topics, regexRefreshIntervalMs }: PatternSource,
  nowMs: number,
): boolean {
  const ageMs = nowMs - timestamp
  return (
    (version !== topics.version && ageMs >= REGEX_REFRESH_INTERVAL_MIN_MS) || ageMs >= regexRefreshIntervalMs
  )
}

/** Some pattern is due now. */
export function hasDuePatterns(group: ConsumerGroup, source: PatternSource, nowMs: number): boolean {
  for (const resolution of group.regexes.values()) if (isStale(resolution, source, nowMs)) return true
  return false
}
