import type { LogManager } from '../log/log-manager.js'
import type { EngineError, EngineEvents, Peer, TranscodeJob } from '../native/engine.js'
import type { Connections } from '../network/connections.js'

/**
 * Hands the engine's events to the rooms they belong to. The engine runs before there is a log manager and before
 * there are connections, so both are filled in when they exist; no event of theirs can come earlier.
 */
export class EventRouter implements EngineEvents {
  connections: Connections | null = null
  logs: LogManager | null = null

  accepted(connection: number, listener: number, peer: Peer): void {
    this.connections?.accepted(connection, listener, peer)
  }

  frame(
    connection: number,
    sequence: number,
    position: number,
    length: number,
    verdict: number,
    frame: number,
  ): void {
    this.connections?.frame(connection, sequence, position, length, verdict, frame)
  }

  closed(connection: number): void {
    this.connections?.closed(connection)
  }

  appended(log: number, endOffset: number): void {
    this.logs?.appended(log, endOffset)
  }

  rolled(log: number, baseOffset: number): void {
    this.logs?.rolled(log, baseOffset)
  }

  indexRebuilt(log: number, baseOffset: number): void {
    this.logs?.indexRebuilt(log, baseOffset)
  }

  logFailed(log: number, endOffset: number, error: EngineError): void {
    this.logs?.logFailed(log, endOffset, error)
  }

  transcode(job: TranscodeJob): void {
    this.logs?.transcode(job)
  }

  /** A ticket belongs to the log room, which made it, unless a connection waits to send its reply. */
  ticketDone(ticket: number): void {
    if (this.logs?.ticketDone(ticket) !== true) this.connections?.ticketDone(ticket)
  }

  ticketFailed(ticket: number): void {
    if (this.logs?.ticketFailed(ticket) !== true) this.connections?.ticketFailed(ticket)
  }

  drained(): void {
    this.connections?.drained()
  }
}
