// Where a comparison finds and puts things.

import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const REPOSITORY = resolve(fileURLToPath(import.meta.url), '../../..')
export const WORK = join(REPOSITORY, 'bench/.work')
/** A file system in memory, which every Linux has. */
export const MEMORY = '/dev/shm/millrace-bench'
export const NATIVE = join(WORK, 'native')
export const JARS = join(REPOSITORY, 'test/compat/.work/jars')
export const JAVA_LOGGING = join(REPOSITORY, 'test/compat/java/log4j2.properties')
/** Another checkout or installed package to measure instead of this one. */
export const MILLRACE = process.env.MILLRACE_DIRECTORY ?? REPOSITORY
