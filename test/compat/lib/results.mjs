// Turns the table of finished checks into results.json, prints the sums, and fails when a check failed.
import { readFileSync, writeFileSync } from 'node:fs'

const [table, target] = process.argv.slice(2)
const checks = readFileSync(table, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => {
    const [name, outcome, seconds, figures, reason, log] = line.split('\t')
    return { name, outcome, seconds: Number(seconds), figures, reason, log }
  })
const { PEER: peer, BOOTSTRAP: bootstrap, QUICK, CHECKS, TOTAL } = process.env
const result = { peer, bootstrap, quick: QUICK === 'true', seconds: Number(TOTAL), checks }
writeFileSync(target, `${JSON.stringify(result, null, 2)}\n`)

const countOf = (outcome) => checks.filter((check) => check.outcome === outcome).length
const failed = countOf('FAIL')
console.log(`${countOf('PASS')} passed, ${failed} failed, ${countOf('SKIP')} skipped`)
if (checks.length !== Number(CHECKS)) console.log(`${CHECKS} checks were due, ${checks.length} ended`)
process.exit(failed === 0 && checks.length === Number(CHECKS) ? 0 : 1)
