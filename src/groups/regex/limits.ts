/** Characters of a pattern; what people subscribe with has a few dozen. */
export const PATTERN_CHARACTERS_MAX = 4_000

/** Groups inside groups; the parser calls itself for each. */
export const PATTERN_DEPTH_MAX = 100

/** A repetition is unrolled; RE2 has the same bound for one, and the next bounds their product. */
export const REPEAT_MAX = 1_000

/** Instructions a pattern may become. Together with the budget of steps this is what refuses pattern bombs. */
export const INSTRUCTIONS_MAX = 5_000

/** Remembered states of one matcher; when there are more it forgets them all and starts over. */
export const STATES_MAX = 2_000

/**
 * Instructions visited while one pattern is matched against all topics. A usual pattern takes a few thousand,
 * because seen states are remembered; this many take some fifty milliseconds, in which nobody else is served.
 */
export const STEPS_MAX = 250_000
