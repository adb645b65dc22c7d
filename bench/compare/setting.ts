// On what a comparison was taken, in words for the report and in fields for machines.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { KAFKA_JVM_FLAGS, kafkaVersion } from './kafka.js'
import { MILLRACE, REPOSITORY } from './places.js'

export interface Setting {
  readonly cpu: string
  readonly cores: number
  readonly memoryGB: number
  readonly kernel: string
  readonly congestion: string
  readonly node: string
  readonly java: string
  readonly millrace: string
  readonly kafka: string
  readonly kafkaJvmFlags: string
}

export function settingOf(): Setting {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
    kernel: release(),
    congestion: readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'utf8').trim(),
    node: process.version,
    java: javaVersion(),
    millrace: MILLRACE === REPOSITORY ? commit() : 'another build',
    kafka: kafkaVersion(),
    kafkaJvmFlags: KAFKA_JVM_FLAGS.join(' '),
  }
}

export function linesOf(setting: Setting): string[] {
  return [
    `${setting.cores} cores of ${setting.cpu}, ${setting.memoryGB} GB, Linux ${setting.kernel}; the load runs beside the broker`,
    `TCP congestion control of the system: ${setting.congestion}; Millrace and the generator choose cubic`,
    `Millrace ${setting.millrace} on Node ${setting.node} with its defaults`,
    `Apache Kafka ${setting.kafka} on Java ${setting.java}, its default server.properties, one KRaft node`,
    `Kafka's JVM: ${setting.kafkaJvmFlags}`,
  ]
}

function javaVersion(): string {
  try {
    return (
      /version "([^"]+)"/.exec(
        execFileSync('bash', ['-c', 'java -version 2>&1'], { encoding: 'utf8' }),
      )?.[1] ?? ''
    )
  } catch {
    return 'none'
  }
}

/** A package that was installed has no history. */
function commit(): string {
  try {
    const git = (...words: string[]) =>
      execFileSync('git', ['-C', REPOSITORY, ...words], { encoding: 'utf8' }).trim()
    const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes'
    return `${git('rev-parse', '--short', 'HEAD')}${changed}`
  } catch {
    return 'without history'
  }
}
