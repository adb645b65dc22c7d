// Source files as text, for the tests of style. Paths are relative to the repository.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Source {
  readonly path: string
  readonly text: string
  /** Of the same length and lines, with comments and the insides of strings blanked. */
  readonly code: string
}

export function sources(directory: string, pattern: RegExp): Source[] {
  if (!existsSync(join(root, directory))) return []
  return [...walk(directory)]
    .filter((path) => pattern.test(path))
    .sort()
    .map(source)
}

/** Not into what is built or installed, perhaps at this moment. */
function* walk(directory: string): Generator<string> {
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (!entry.isDirectory()) yield path
    else if (!/^(node_modules|\.work|build|dist)$/.test(entry.name)) yield* walk(path)
  }
}

export function source(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  return { path, text, code: blanked(text) }
}

export interface Import {
  readonly from: string
  /** A path below src/ for relative imports, else the package's name. */
  readonly target: string
}

export function importsOf({ path, text, code }: Source): Import[] {
  const found: Import[] = []
  for (const match of text.matchAll(/(?:\bfrom|\bimport\(|\bimport)\s*'([^']+)'/g)) {
    // The word must stand in code, not in a comment.
    if (code.slice(match.index, match.index + 4).trim() === '') continue
    const [, specifier = ''] = match
    const relative = specifier.startsWith('.')
    const target = relative ? normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts') : specifier
    found.push({ from: path, target })
  }
  return found
}

/** The room of a path below src/. */
export function roomOf(path: string): string {
  const [, first = '', second] = path.split('/')
  return second === undefined ? 'broker' : first
}

/**
 * A scanner, not a parser: it knows comments, the three kinds of strings and regular expressions after what cannot
 * end an operand. Good enough to keep words in prose from counting as code.
 */
export function blanked(text: string): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[=(,:?&|!;{}\n]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[a-z]*/g
  return text.replace(token, (match) => {
    const quote = /^['"`]/.exec(match)?.[0]
    const inside = quote ? match.slice(1, -1) : match
    const blank = inside.replace(/[^\n]/g, ' ')
    return quote ? quote + blank + quote : blank
  })
}
