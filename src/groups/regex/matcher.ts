import { ASCII, OTHER, word } from './char-class.js'
import { STATES_MAX, STEPS_MAX } from './limits.js'
import { parse } from './parse.js'
import { Program } from './program.js'
import { PatternError } from './syntax.js'

/** Where the matcher may be after some characters: instructions not yet followed, and what came before. */
interface State {
  readonly pending: readonly number[]
  readonly atStart: boolean
  readonly afterWord: boolean
  /** By character; undefined where not yet computed. */
  readonly next: (State | undefined)[]
  accepts: boolean | undefined
}

interface Surrounding {
  readonly atStart: boolean
  readonly atEnd: boolean
  readonly boundary: boolean
}

/**
 * Matches whole texts in time linear in their length, whatever the pattern: states are sets of instructions, made
 * when first reached and remembered. The constructor throws PatternError, and so does `matches` when the budget of
 * steps is used up; a matcher is made for one round over all topics.
 */
export class Matcher {
  readonly #program: Program
  readonly #states = new Map<string, State>()
  readonly #visited: Uint32Array
  #visit = 0
  #steps = 0
  #first: State

  constructor(pattern: string) {
    this.#program = new Program(parse(pattern))
    this.#visited = new Uint32Array(this.#program.instructions.length)
    this.#first = this.#state([this.#program.start], true, false)
  }

  matches(text: string): boolean {
    let state = this.#first
    for (let at = 0; at < text.length; at++) {
      let code = text.codePointAt(at) as number
      if (code >= ASCII) {
        if (code > 0xffff) at++
        code = OTHER
      }
      state = state.next[code] ?? this.#step(state, code)
      if (state.pending.length === 0) return false
    }
    state.accepts ??= this.#acceptsAtEnd(state)
    return state.accepts
  }

  #step(state: State, code: number): State {
    const isWord = word[code] === 1
    const { atStart } = state
    const reached: number[] = []
    this.#follow(state, { atStart, atEnd: false, boundary: state.afterWord !== isWord }, (index) => {
      const instruction = this.#program.instructions[index]
      if (instruction?.kind === 'class' && instruction.set[code] === 1) reached.push(instruction.next)
    })
    const pending = [...new Set(reached)].sort((a, b) => a - b)
    const next = this.#state(pending, false, isWord)
    state.next[code] = next
    return next
  }

  #acceptsAtEnd(state: State): boolean {
    let matched = false
    this.#follow(state, { atStart: state.atStart, atEnd: true, boundary: state.afterWord }, (index) => {
      if (this.#program.instructions[index]?.kind === 'match') matched = true
    })
    return matched
  }

  /** Visits every class and match instruction that can be reached without taking a character. */
  #follow(state: State, around: Surrounding, visit: (index: number) => void): void {
    const stack = [...state.pending]
    this.#visit++
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      if (this.#visited[index] === this.#visit) continue
      this.#visited[index] = this.#visit
      if (++this.#steps > STEPS_MAX) throw new PatternError('the pattern takes too long to match')
      const instruction = this.#program.instructions[index]
      if (instruction?.kind === 'fork') stack.push(instruction.next, instruction.other)
      else if (instruction?.kind === 'assert') {
        if (holds(instruction.what, around)) stack.push(instruction.next)
      } else visit(index)
    }
  }

  #state(pending: readonly number[], atStart: boolean, afterWord: boolean): State {
    const key = `${atStart} ${afterWord} ${pending.join()}`
    const known = this.#states.get(key)
    if (known !== undefined) return known
    if (this.#states.size >= STATES_MAX) this.#forget()
    const state: State = { pending, atStart, afterWord, next: [], accepts: undefined }
    this.#states.set(key, state)
    return state
  }

  /** States hold on to those they lead to, so the first one starts over too. */
  #forget(): void {
    this.#states.clear()
    this.#first = { ...this.#first, next: [], accepts: undefined }
  }
}

function holds(what: string, { atStart, atEnd, boundary }: Surrounding): boolean {
  switch (what) {
    case 'start':
      return atStart
    case 'end':
      return atEnd
    case 'boundary':
      return boundary
    default:
      return !boundary
  }
}
