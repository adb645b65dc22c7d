// Sets of characters, one byte each: the ASCII ones, and one that stands for all others. Topic names have no others;
// of transactional ids it is enough that `.` and negated sets match them. A literal beyond ASCII matches nothing.

export type CharClass = Uint8Array

export const ASCII = 128
/** Stands for every character beyond ASCII. */
export const OTHER = ASCII
const ALPHABET = ASCII + 1
const LAST_CHARACTER = 0x10ffff

export function classOf(test: (code: number) => boolean): CharClass {
  return Uint8Array.from({ length: ALPHABET }, (_, code) => (test(code) ? 1 : 0))
}

export function rangeClass(from: number, to: number): CharClass {
  return classOf((code) =>
    code === OTHER ? from <= OTHER && to === LAST_CHARACTER : code >= from && code <= to,
  )
}

export function negated(set: CharClass): CharClass {
  return set.map((bit) => 1 - bit)
}

export function union(a: CharClass, b: CharClass): CharClass {
  return a.map((bit, code) => bit | (b[code] as number))
}

/** With both cases of each letter. */
export function foldedCase(set: CharClass): CharClass {
  const other = (code: number) =>
    (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ? code ^ 32 : code
  return set.map((bit, code) => bit | (set[other(code)] as number))
}

const inText = (text: string) => classOf((code) => text.includes(String.fromCharCode(code)))
const digit = rangeClass(48, 57)
const upper = rangeClass(65, 90)
const lower = rangeClass(97, 122)
const alpha = union(upper, lower)
const alnum = union(alpha, digit)

export const word = union(alnum, inText('_'))

/** By the letter after a backslash. */
export const perlClasses: Readonly<Record<string, CharClass>> = {
  d: digit,
  D: negated(digit),
  s: inText('\t\n\f\r '),
  S: negated(inText('\t\n\f\r ')),
  w: word,
  W: negated(word),
}

/** By the name between `[:` and `:]`. */
export const posixClasses: Readonly<Record<string, CharClass>> = {
  alnum,
  alpha,
  ascii: rangeClass(0, 127),
  blank: inText('\t '),
  cntrl: union(rangeClass(0, 31), rangeClass(127, 127)),
  digit,
  graph: rangeClass(33, 126),
  lower,
  print: rangeClass(32, 126),
  punct: classOf((code) => code > 32 && code < 127 && alnum[code] === 0),
  space: inText('\t\n\v\f\r '),
  upper,
  word,
  xdigit: union(digit, inText('abcdefABCDEF')),
}

/** A Unicode category or script, as far as ASCII goes; undefined for a name that is none. */
export function unicodeClass(name: string): CharClass | undefined {
  if (!/^[A-Za-z_]{1,40}$/.test(name)) return undefined
  for (const property of [name, `Script=${name}`]) {
    try {
      const pattern = new RegExp(`^\\p{${property}}$`, 'u')
      return classOf((code) => code !== OTHER && pattern.test(String.fromCharCode(code)))
    } catch {
      // Not a property of this kind.
    }
  }
  return undefined
}
