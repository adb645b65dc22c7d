// Java properties files: server.properties and meta.properties.
//
// Lines end with LF, CR or CRLF. A line whose first visible character is # or ! is a comment. A line that ends with
// an odd number of backslashes goes on with the next, whose leading blanks are dropped. The key ends at the first
// unescaped =, : or blank. Escapes: \t \n \r \f \uXXXX, and a backslash before anything else stands for that.

/** The last of several settings of one key wins, as in Java. */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const line of logicalLines(text.replace(/^\ufeff/, ''))) {
    const [key, value] = splitLine(line)
    properties.set(unescapeText(key), unescapeText(value))
  }
  return properties
}

/** One `key=value` line each, in the order given, such that `parseProperties` and Java read the same back. */
export function formatProperties(entries: Iterable<readonly [string, string]>, comment = ''): string {
  const lines = comment === '' ? [] : [`#${comment.replace(/[\r\n]/g, ' ')}`]
  for (const [key, value] of entries) {
    lines.push(`${escapeText(key).replace(/[ #!]/g, '\\$&')}=${escapeText(value).replace(/^ /, '\\ ')}`)
  }
  return `${lines.join('\n')}\n`
}

function logicalLines(text: string): string[] {
  const lines: string[] = []
  let continued = ''
  let continuing = false
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    if (!continuing && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const backslashes = /\\*$/.exec(line)?.[0].length ?? 0
    continuing = backslashes % 2 === 1
    continued += continuing ? line.slice(0, -1) : line
    if (continuing) continue
    if (continued !== '') lines.push(continued)
    continued = ''
  }
  if (continued !== '') lines.push(continued)
  return lines
}

function splitLine(line: string): [string, string] {
  let end = 0
  while (end < line.length && !/[=: \t\f]/.test(line[end] as string)) end += line[end] === '\\' ? 2 : 1
  const rest = line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '')
  return [line.slice(0, end), rest]
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescapeText(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code?: string, char?: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    return ESCAPES[char as string] ?? (char as string)
  })
}

function escapeText(text: string): string {
  return text
    .replace(/[\\=:]/g, '\\$&')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\f', '\\f')
    .replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
