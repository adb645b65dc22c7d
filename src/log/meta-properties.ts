/*
 * `meta.properties` of a log directory, Java properties text:
 *
 *   version=1  cluster.id  node.id  directory.id      written by us
 *   version=0  broker.id   [cluster.id]               read from old directories
 *
 * It ties the directory to one cluster and one node; a broker refuses a directory that belongs to another.
 */
export const META_PROPERTIES = 'meta.properties'

export interface MetaProperties {
  readonly clusterId: string | null
  readonly nodeId: number | null
  readonly directoryId: string | null
}

export function formatMetaProperties(meta: {
  readonly clusterId: string
  readonly nodeId: number
  readonly directoryId: string
}): string {
  const lines = ['version=1', `node.id=${meta.nodeId}`, `directory.id=${meta.directoryId}`]
  return `${['#', ...lines, `cluster.id=${meta.clusterId}`].join('\n')}\n`
}

/** Null when the content is no properties of a log directory. */
export function parseMetaProperties(content: string): MetaProperties | null {
  const values = new Map<string, string>()
  for (const line of content.split(/\r?\n/)) {
    const match = /^\s*([^#!=:\s][^=:\s]*)\s*[=:]\s*(.*)$/.exec(line)
    if (match) values.set(match[1] as string, (match[2] as string).trimEnd().replace(/\\(.)/g, '$1'))
  }
  if (!['0', '1'].includes(values.get('version') ?? '')) return null
  const node = values.get('node.id') ?? values.get('broker.id')
  return {
    clusterId: values.get('cluster.id') ?? null,
    nodeId: node === undefined || !/^\d+$/.test(node) ? null : Number(node),
    directoryId: values.get('directory.id') ?? null,
  }
}
