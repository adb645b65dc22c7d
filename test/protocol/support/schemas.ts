import { readdirSync } from 'node:fs'
import type { Schema } from '../../../src/protocol/schema.js'

const directory = new URL('../../../src/protocol/messages/', import.meta.url)

/** Every schema under src/protocol/messages by its exported name, so that no test can forget a new one. */
export async function allSchemas(): Promise<Map<string, Schema>> {
  const schemas = new Map<string, Schema>()
  for (const file of readdirSync(directory).toSorted()) {
    const module: Record<string, unknown> = await import(new URL(file, directory).href)
    for (const [name, value] of Object.entries(module)) if (isSchema(value)) schemas.set(name, value)
  }
  return schemas
}

export function versionsOf(schema: Schema): number[] {
  return Array.from({ length: schema.last - schema.first + 1 }, (_, index) => schema.first + index)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && 'fields' in value && 'flexibleSince' in value
}
