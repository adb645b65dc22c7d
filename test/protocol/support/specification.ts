import { existsSync, readFileSync } from 'node:fs'

/*
 * The specification tables stand beside the repository and are not part of it. Where they are absent, the parity
 * tests are skipped with a note.
 */
const directory = new URL('../../../../shared/protocol/', import.meta.url)

export const SKIP_NOTE = existsSync(directory) ? false : 'specification tables are not beside this repository'

export type SpecField = {
  name: string
  type: string
  versions?: string
  nullableVersions?: string
  default?: unknown
  tag?: number
  taggedVersions?: string
  flexibleVersions?: string
  fields?: SpecField[]
}

export type SpecMessage = {
  name: string
  apiKey?: number
  validVersions: string
  flexibleVersions?: string
  latestVersionUnstable?: boolean
  fields: SpecField[]
  commonStructs?: { name: string; fields: SpecField[] }[]
}

export type SpecApi = {
  key: number
  name: string
  flexibleFrom: number | null
  '4.3': [number, number] | null
}
export type SpecError = {
  code: number
  name: string
  retriable: boolean
  refreshMetadata?: boolean
  refreshCoordinator?: boolean
}

type Tables = { messages: Record<string, SpecMessage> }

export const loadRequests = () => load<Tables>('requests.json').messages
export const loadLegacy = () => load<Tables>('requests-legacy-3.9.json').messages
export const loadInternal = () => load<Tables>('internal.json').messages
export const loadApis = () => load<{ apis: SpecApi[] }>('versions.json').apis
export const loadErrors = () => load<{ errors: SpecError[] }>('errors.json').errors

/** First and last version of "a-b", "a+" or "a"; null for "none" or nothing. */
export function rangeOf(text: string | undefined): [number, number] | null {
  if (text === undefined || text === 'none') return null
  if (text.endsWith('+')) return [Number(text.slice(0, -1)), Number.POSITIVE_INFINITY]
  const [first, last = first] = text.split('-').map(Number)
  return [first as number, last as number]
}

export function includes(text: string | undefined, version: number): boolean {
  const range = rangeOf(text)
  return range !== null && version >= range[0] && version <= range[1]
}

function load<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, directory), 'utf8'))
}
