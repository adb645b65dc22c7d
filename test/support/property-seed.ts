// Loaded before every test file: property tests start from one seed, so that a red run speaks of the change at hand
// and not of a draw. MILLRACE_SEED=random explores; a number repeats what a failure printed.

import fc from 'fast-check'

const wanted = process.env.MILLRACE_SEED
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted ?? 1) })
