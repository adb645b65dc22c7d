// Writes COUNT lines of 100 bytes: a running number, then words and hexadecimal digits by a seeded generator.
const count = Number(process.argv[2])
const RECORD_BYTES = 100
const WORDS = [
  'temperature=',
  ' pressure=',
  ' humidity=',
  ' velocity=',
  ' station=',
  ' direction=',
  ' visibility=',
  ' clouds=',
]

let state = 0x9e3779b9
function nextUint32() {
  // xorshift32: only has to be the same everywhere and not compress to nothing.
  let x = state
  x ^= x << 13
  x ^= x >>> 17
  x ^= x << 5
  state = x >>> 0
  return state
}

function line(index) {
  let text = index.toString().padStart(10, '0')
  while (text.length < RECORD_BYTES - 1)
    text += WORDS[nextUint32() % WORDS.length] + nextUint32().toString(16)
  return `${text.slice(0, RECORD_BYTES - 1)}\n`
}

const LINES_PER_WRITE = 1000
for (let first = 0; first < count; first += LINES_PER_WRITE) {
  let chunk = ''
  for (let index = first; index < Math.min(count, first + LINES_PER_WRITE); index++) chunk += line(index)
  if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}
