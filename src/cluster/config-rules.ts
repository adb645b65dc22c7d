/** What a configuration value may be; the config room knows. Errors are in Kafka's words, null means allowed. */
export interface ConfigRules {
  topicError(name: string, value: string): string | null
  groupError(name: string, value: string): string | null
  /** For a dynamic change; `perBroker` is false for the cluster-wide default. */
  brokerError(name: string, value: string, perBroker: boolean): string | null
  /** Whether values can be appended to and subtracted from. */
  isList(resourceType: number, name: string): boolean
  /** The value in force without an override, which APPEND and SUBTRACT start from. */
  inherited(resourceType: number, name: string): string | null
}
