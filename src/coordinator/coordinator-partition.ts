/** The partition of an internal topic that coordinates an id: abs(Java's String.hashCode) modulo the partitions. */
export function coordinatorPartition(id: string, partitionCount: number): number {
  let hash = 0
  for (let index = 0; index < id.length; index++) hash = (Math.imul(hash, 31) + id.charCodeAt(index)) | 0
  // Java's abs leaves the smallest integer negative; Kafka defines it as 0.
  return hash === -0x80000000 ? 0 : Math.abs(hash) % partitionCount
}
