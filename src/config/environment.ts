// Settings from environment variables, as Kafka's container images take them: KAFKA_LOG_DIRS is log.dirs.
// The older spelling KAFKA_CFG_LOG_DIRS means the same; when both are set the shorter name wins. CLUSTER_ID, which
// the images use to format a new directory, gives the cluster id.

export interface EnvironmentSettings {
  readonly properties: Map<string, string>
  /** Variables for a Java process, which mean nothing here. */
  readonly javaVariables: string[]
}

export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): EnvironmentSettings {
  const properties = new Map<string, string>()
  const javaVariables: string[] = []
  if (environment.CLUSTER_ID) properties.set('millrace.cluster.id', environment.CLUSTER_ID)
  // Longer prefix first, so that the plain name overrides it.
  for (const prefix of ['KAFKA_CFG_', 'KAFKA_']) {
    for (const [variable, value] of Object.entries(environment)) {
      if (value === undefined || !variable.startsWith(prefix)) continue
      if (prefix === 'KAFKA_' && variable.startsWith('KAFKA_CFG_')) continue
      if (JAVA_VARIABLES.has(variable)) javaVariables.push(variable)
      else if (!NOT_PROPERTIES.has(variable)) properties.set(propertyName(variable, prefix), value)
    }
  }
  return { properties, javaVariables }
}

/** ___ is a dash, __ an underscore, _ a dot. */
export function propertyName(variable: string, prefix: string): string {
  return variable
    .slice(prefix.length)
    .toLowerCase()
    .replace(/___|__|_/g, (run) => (run === '___' ? '-' : run === '__' ? '_' : '.'))
}

const JAVA_VARIABLES: ReadonlySet<string> = new Set([
  'KAFKA_OPTS',
  'KAFKA_HEAP_OPTS',
  'KAFKA_JMX_OPTS',
  'KAFKA_JMX_HOSTNAME',
  'KAFKA_JMX_PORT',
  'KAFKA_JVM_PERFORMANCE_OPTS',
  'KAFKA_GC_LOG_OPTS',
  'KAFKA_LOG4J_OPTS',
  'KAFKA_LOG4J_ROOT_LOGLEVEL',
  'KAFKA_LOG4J_LOGGERS',
  'KAFKA_TOOLS_LOG4J_LOGLEVEL',
])

/** Said by the images themselves, not by the operator. */
const NOT_PROPERTIES: ReadonlySet<string> = new Set(['KAFKA_VERSION', 'KAFKA_HOME'])
