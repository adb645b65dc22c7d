// Apache Kafka as its own start script runs it: its default server.properties, 1 GB heap, G1.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { JARS, JAVA_LOGGING, REPOSITORY } from './places.js'

/** KAFKA_HEAP_OPTS and KAFKA_JVM_PERFORMANCE_OPTS of the start script. */
export const KAFKA_JVM_FLAGS = ['-Xmx1g', '-Xms1g', '-server', '-XX:+UseG1GC']
  .concat(['-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35'])
  .concat(['-XX:+ExplicitGCInvokesConcurrent', '-Djava.awt.headless=true'])

export interface KafkaPlace {
  readonly port: number
  readonly controllerPort: number
  readonly directory: string
  /** Appended to server.properties as key=value. */
  readonly settings: readonly string[]
}

/** Formats the directory and gives the command that serves it. */
export function kafkaCommand({ port, controllerPort, directory, settings }: KafkaPlace): string[] {
  const script = join(REPOSITORY, 'test/compat/kafka.sh')
  const words = settings.map((setting) => `'${setting}'`).join(' ')
  const prepare = `source '${script}' \
    && kafka_properties ${port} '${directory}' ${words} >'${directory}/server.properties' \
    && kafka_java -Xmx256m kafka.tools.StorageTool format --standalone --cluster-id "$(kafka_uuid)" \
    --config '${directory}/server.properties'`
  const env = { ...process.env, KAFKA_CONTROLLER_PORT: String(controllerPort) }
  execFileSync('bash', ['-c', prepare], { env, stdio: 'pipe' })
  return [
    'java',
    ...KAFKA_JVM_FLAGS,
    '-cp',
    `${JARS}/*`,
    `-Dlog4j2.configurationFile=${JAVA_LOGGING}`,
  ].concat(['-Dcompat.log.level=info', 'kafka.Kafka', join(directory, 'server.properties')])
}

/** The jars are those that the compatibility checks install, and only they. */
export function installKafka(): void {
  if (existsSync(JARS) && readdirSync(JARS).length > 0) return
  const lib = join(REPOSITORY, 'test/compat/lib')
  const install = `source '${lib}/common.sh' && source '${lib}/install.sh' && install_jars`
  execFileSync('bash', ['-c', install], { stdio: ['ignore', 2, 2] })
}

export function kafkaVersion(): string {
  const jar = existsSync(JARS)
    ? readdirSync(JARS).find((name) => /^kafka-clients-[\d.]+\.jar$/.test(name))
    : ''
  return /clients-([\d.]+)\.jar/.exec(jar ?? '')?.[1] ?? 'unknown'
}
