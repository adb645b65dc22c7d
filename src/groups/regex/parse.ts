import {
  type CharClass,
  classOf,
  foldedCase,
  negated,
  perlClasses,
  posixClasses,
  rangeClass,
  unicodeClass,
  union,
} from './char-class.js'
import { PATTERN_CHARACTERS_MAX, PATTERN_DEPTH_MAX, REPEAT_MAX } from './limits.js'
import { type Node, PatternError } from './syntax.js'

/** Reads RE2's syntax. Throws PatternError for what it does not have: back references and look-around above all. */
export function parse(pattern: string): Node {
  if (pattern.length > PATTERN_CHARACTERS_MAX) throw new PatternError('the pattern is too long')
  return new Parser(pattern).whole()
}

const ANY = classOf(() => true)
const ANY_BUT_NEWLINE = classOf((code) => code !== 10)
const CONTROLS: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13 }

class Parser {
  readonly #text: string
  #at = 0
  #depth = 0
  #ignoreCase = false
  #dotAll = false

  constructor(text: string) {
    this.#text = text
  }

  whole(): Node {
    const node = this.#either()
    if (this.#at < this.#text.length) throw new PatternError('unexpected )')
    return node
  }

  #either(): Node {
    const { ignoreCase, dotAll } = { ignoreCase: this.#ignoreCase, dotAll: this.#dotAll }
    const parts = [this.#sequence()]
    while (this.#accept('|')) parts.push(this.#sequence())
    // Flags set inside a group end with it.
    this.#ignoreCase = ignoreCase
    this.#dotAll = dotAll
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'either', parts }
  }

  #sequence(): Node {
    const parts: Node[] = []
    while (this.#at < this.#text.length && !this.#sees('|') && !this.#sees(')')) {
      if (this.#accept('\\Q')) parts.push(...this.#quoted())
      else parts.push(this.#repeated(this.#atom()))
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'sequence', parts }
  }

  #quoted(): Node[] {
    const end = this.#text.indexOf('\\E', this.#at)
    const literal = this.#text.slice(this.#at, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#text.length : end + 2
    return [...literal].map((character) => this.#literal(character.codePointAt(0) as number))
  }

  #repeated(atom: Node): Node {
    let node = atom
    let repeated = false
    for (let bounds = this.#bounds(); bounds !== null; bounds = this.#bounds()) {
      if (repeated) throw new PatternError('a repetition of a repetition')
      // Laziness changes what is captured, not what matches.
      this.#accept('?')
      node = { kind: 'repeat', part: node, ...bounds }
      repeated = true
    }
    return node
  }

  #bounds(): { min: number; max: number } | null {
    if (this.#accept('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.#accept('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.#accept('?')) return { min: 0, max: 1 }
    const counted = /^\{(\d{1,9})(?:(,)(\d{1,9})?)?\}/.exec(this.#text.slice(this.#at, this.#at + 24))
    if (counted === null) return null
    this.#at += counted[0].length
    const min = Number(counted[1])
    const open = counted[2] !== undefined && counted[3] === undefined
    const max = open ? Number.POSITIVE_INFINITY : Number(counted[3] ?? counted[1])
    if (min > REPEAT_MAX || (max > REPEAT_MAX && !open) || max < min) {
      throw new PatternError(`invalid repetition ${counted[0]}`)
    }
    return { min, max }
  }

  #atom(): Node {
    const character = this.#next()
    switch (character) {
      case '(':
        return this.#group()
      case '[':
        return this.#bracket()
      case '.':
        return { kind: 'class', set: this.#dotAll ? ANY : ANY_BUT_NEWLINE }
      case '^':
        return { kind: 'assert', what: 'start' }
      case '$':
        return { kind: 'assert', what: 'end' }
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
        throw new PatternError(`nothing to repeat with ${character}`)
      default:
        return this.#literal(character.codePointAt(0) as number)
    }
  }

  #group(): Node {
    if (++this.#depth > PATTERN_DEPTH_MAX) throw new PatternError('groups are nested too deeply')
    if (this.#accept('?')) {
      const named = /^P?<[A-Za-z_]\w*>/.exec(this.#text.slice(this.#at))
      if (named !== null) this.#at += named[0].length
      else if (!this.#flags()) {
        this.#depth--
        return { kind: 'empty' }
      }
    }
    const { ignoreCase, dotAll } = this.#outer ?? { ignoreCase: this.#ignoreCase, dotAll: this.#dotAll }
    this.#outer = null
    const node = this.#either()
    if (!this.#accept(')')) throw new PatternError('missing )')
    this.#ignoreCase = ignoreCase
    this.#dotAll = dotAll
    this.#depth--
    return node
  }

  /** Flags as they were outside a group that sets some for itself. */
  #outer: { ignoreCase: boolean; dotAll: boolean } | null = null

  /** True for `(?i:`, which opens a group; false for `(?i)`, which is over. */
  #flags(): boolean {
    const flags = /^([imsU]*)(?:-([imsU]+))?([:)])/.exec(this.#text.slice(this.#at, this.#at + 16))
    if (flags === null) throw new PatternError('look-around and such are not supported')
    this.#at += flags[0].length
    const [, on = '', off = '', end] = flags
    const before = { ignoreCase: this.#ignoreCase, dotAll: this.#dotAll }
    if (on.includes('i')) this.#ignoreCase = true
    if (on.includes('s')) this.#dotAll = true
    if (off.includes('i')) this.#ignoreCase = false
    if (off.includes('s')) this.#dotAll = false
    if (end === ':') this.#outer = before
    return end === ':'
  }

  #escape(): Node {
    const character = this.#next()
    switch (character) {
      case 'A':
        return { kind: 'assert', what: 'start' }
      case 'z':
        return { kind: 'assert', what: 'end' }
      case 'b':
        return { kind: 'assert', what: 'boundary' }
      case 'B':
        return { kind: 'assert', what: 'no-boundary' }
      default:
        this.#at -= character.length
        return { kind: 'class', set: this.#escapedClass() ?? this.#cased(single(this.#escapedCode())) }
    }
  }

  /** A backslash was read: a class of characters follows, or null is returned. */
  #escapedClass(): CharClass | null {
    const character = this.#text[this.#at] ?? ''
    const perl = Object.hasOwn(perlClasses, character) ? perlClasses[character] : undefined
    if (perl !== undefined) {
      this.#at++
      return perl
    }
    if (character !== 'p' && character !== 'P') return null
    const property = /^[pP](?:([A-Za-z])|\{(\^?)([A-Za-z_]+)\})/.exec(this.#text.slice(this.#at))
    const set = property === null ? undefined : unicodeClass(property[1] ?? property[3] ?? '')
    if (property === null || set === undefined) throw new PatternError('an unknown character property')
    this.#at += property[0].length
    return this.#cased((character === 'P') !== (property[2] === '^') ? negated(set) : set)
  }

  /** A backslash was read, and no class follows. */
  #escapedCode(): number {
    const numeric = /^(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,6})\}|(0[0-7]{0,2}|[1-7][0-7]{1,2}))/.exec(
      this.#text.slice(this.#at, this.#at + 12),
    )
    if (numeric !== null) {
      this.#at += numeric[0].length
      const [, two, braced, octal] = numeric
      return octal === undefined ? Number.parseInt(two ?? braced ?? '', 16) : Number.parseInt(octal, 8)
    }
    const character = this.#next()
    const control = Object.hasOwn(CONTROLS, character) ? CONTROLS[character] : undefined
    if (control !== undefined) return control
    if (/[A-Za-z0-9]/.test(character)) throw new PatternError(`unknown escape \\${character}`)
    return character.codePointAt(0) as number
  }

  #bracket(): Node {
    const inverted = this.#accept('^')
    let set = classOf(() => false)
    for (let first = true; first || !this.#sees(']'); first = false) {
      set = union(set, this.#bracketItem())
    }
    this.#at++
    const cased = this.#cased(set)
    return { kind: 'class', set: inverted ? negated(cased) : cased }
  }

  #bracketItem(): CharClass {
    const posix = /^\[:(\^?)([a-z]+):\]/.exec(this.#text.slice(this.#at, this.#at + 16))
    if (posix !== null) {
      const name = posix[2] ?? ''
      const set = Object.hasOwn(posixClasses, name) ? posixClasses[name] : undefined
      if (set === undefined) throw new PatternError(`unknown class ${posix[0]}`)
      this.#at += posix[0].length
      return posix[1] === '^' ? negated(set) : set
    }
    const from = this.#bracketCode()
    if (typeof from !== 'number') return from
    if (!this.#sees('-') || this.#text[this.#at + 1] === ']') return single(from)
    this.#at++
    const to = this.#bracketCode()
    if (typeof to !== 'number' || to < from) throw new PatternError('an invalid range of characters')
    return rangeClass(from, to)
  }

  #bracketCode(): number | CharClass {
    if (!this.#accept('\\')) return this.#next().codePointAt(0) as number
    return this.#escapedClass() ?? this.#escapedCode()
  }

  #literal(code: number): Node {
    return { kind: 'class', set: this.#cased(single(code)) }
  }

  #cased(set: CharClass): CharClass {
    return this.#ignoreCase ? foldedCase(set) : set
  }

  #next(): string {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) throw new PatternError('the pattern ends too early')
    const character = String.fromCodePoint(code)
    this.#at += character.length
    return character
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #accept(text: string): boolean {
    if (!this.#sees(text)) return false
    this.#at += text.length
    return true
  }
}

function single(code: number): CharClass {
  return rangeClass(code, code)
}
