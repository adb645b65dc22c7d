/** What a heartbeat load needs of a member of either protocol. */
export interface Member {
  /** Between two of its heartbeats. */
  readonly intervalMs: number
  /** False when the member had something else to do than to wait for its next heartbeat. */
  beat(): Promise<boolean>
}
