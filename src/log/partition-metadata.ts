/** `partition.metadata`: two lines that tie a partition directory to its topic's id. */
export const PARTITION_METADATA = 'partition.metadata'

export function formatPartitionMetadata(topicId: string): string {
  return `version: 0\ntopic_id: ${topicId}`
}

/** The topic id, or null when the content is not understood. */
export function parsePartitionMetadata(content: string): string | null {
  const match = /^version: 0\r?\ntopic_id: ([A-Za-z0-9_-]{22})\s*$/.exec(content)
  return match?.[1] ?? null
}
