/**
 * `.kafka_cleanshutdown` says that every log below the directory was flushed and closed. It is removed before the
 * first log is opened, so that a crash is never taken for a clean stop.
 */
export const CLEAN_SHUTDOWN = '.kafka_cleanshutdown'

export function formatCleanShutdown(brokerEpoch: number): string {
  return JSON.stringify({ version: 0, brokerEpoch })
}
