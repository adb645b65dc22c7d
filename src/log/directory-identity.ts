import type { Random } from '../base/random.js'
import type { Files } from '../native/files.js'
import {
  formatMetaProperties,
  META_PROPERTIES,
  type MetaProperties,
  parseMetaProperties,
} from './meta-properties.js'

/** Log directories that are not this broker's, or that contradict each other. The broker must not start. */
export class DirectoryIdentityError extends Error {
  readonly code = 'MILLRACE_DIRECTORY_IDENTITY'
}

interface IdentityOptions {
  readonly nodeId: number
  /** The id the operator asks for; else that of the directories, else a new one. */
  readonly clusterId: string | null
}

export interface DirectoryIdentity {
  readonly clusterId: string
  /** By path. */
  readonly directoryIds: ReadonlyMap<string, string>
}

/** Reads or writes `meta.properties` of every log directory. */
export async function identifyDirectories(
  paths: readonly string[],
  options: IdentityOptions,
  outside: { readonly files: Files; readonly random: Random },
): Promise<DirectoryIdentity> {
  const { files, random } = outside
  const known = new Map<string, MetaProperties>()
  for (const path of paths) {
    const content = await files.read(`${path}/${META_PROPERTIES}`)
    if (content === null) continue
    const meta = parseMetaProperties(content.toString())
    if (meta === null) {
      throw new DirectoryIdentityError(
        `${path}/${META_PROPERTIES} is damaged: restore it, or remove it to have it written anew`,
      )
    }
    known.set(path, meta)
  }
  const stored = [...known.values()].find((meta) => meta.clusterId !== null)?.clusterId
  const clusterId = options.clusterId ?? stored ?? random.uuid()
  const directoryIds = new Map<string, string>()
  for (const path of paths) {
    const meta = known.get(path)
    if (meta !== undefined) check(path, meta, { clusterId, nodeId: options.nodeId })
    const directoryId = meta?.directoryId ?? random.uuid()
    directoryIds.set(path, directoryId)
    const complete = meta !== undefined && meta.directoryId !== null && meta.clusterId !== null
    if (complete) continue
    const content = formatMetaProperties({ clusterId, nodeId: options.nodeId, directoryId })
    await files.replace(`${path}/${META_PROPERTIES}`, content)
  }
  return { clusterId, directoryIds }
}

function check(path: string, meta: MetaProperties, wanted: { clusterId: string; nodeId: number }): void {
  if (meta.clusterId !== null && meta.clusterId !== wanted.clusterId) {
    const message = `${path} belongs to cluster ${meta.clusterId}, not to ${wanted.clusterId}`
    throw new DirectoryIdentityError(message)
  }
  if (meta.nodeId !== null && meta.nodeId !== wanted.nodeId) {
    throw new DirectoryIdentityError(`${path} belongs to node ${meta.nodeId}, not to ${wanted.nodeId}`)
  }
}
