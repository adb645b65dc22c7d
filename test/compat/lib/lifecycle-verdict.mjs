// Judges the line that a lifecycle program printed, and says it shortly.
const PRODUCED = 4000
const PARTITIONS = 8
const MEMBERS = 2

const { client, produced, distinct, consumed, repeated, damaged, misordered, shares } = JSON.parse(
  process.argv[2],
)
console.log(
  `${client}: produced ${produced}, consumed ${consumed}, repeated ${repeated}, damaged ${damaged}, misordered ${misordered}, shares ${JSON.stringify(shares)}`,
)
const shared = shares.every(
  (phase) =>
    phase.length === MEMBERS &&
    Math.min(...phase) > 0 &&
    phase.reduce((sum, share) => sum + share) === PARTITIONS,
)
const whole = produced === PRODUCED && distinct === PRODUCED && consumed === PRODUCED
if (!whole || repeated !== 0 || damaged !== 0 || misordered !== 0 || shares.length !== 2 || !shared)
  process.exit(1)
