import { ErrorCode } from '../protocol/errors.js'
import type { ConfigRules } from './config-rules.js'
import { type MetadataImage, ResourceType } from './metadata-image.js'
import type { MetadataRecord } from './metadata-record.js'
import { ACCEPTED, isRefused, type Refusal, refuse } from './outcome.js'

export const ConfigOperation = { Set: 0, Delete: 1, Append: 2, Subtract: 3 } as const

export interface ConfigChange {
  readonly name: string
  readonly operation: number
  readonly value: string | null
}

export interface ResourceChange {
  readonly resourceType: number
  readonly resourceName: string
  readonly changes: readonly ConfigChange[]
  /** True when overrides that are not mentioned are dropped: the older AlterConfigs. */
  readonly replacesAll: boolean
}

export interface ChangedResource extends Refusal {
  readonly resourceType: number
  readonly resourceName: string
}

/** Each resource changes wholly or not at all. */
export function planAlterConfigs(
  resources: readonly ResourceChange[],
  { image, rules }: { image: MetadataImage; rules: ConfigRules },
): { results: ChangedResource[]; records: MetadataRecord[] } {
  const records: MetadataRecord[] = []
  const keyOf = (resource: ResourceChange) => `${resource.resourceType} ${resource.resourceName}`
  const mentions = new Map<string, number>()
  for (const resource of resources) mentions.set(keyOf(resource), (mentions.get(keyOf(resource)) ?? 0) + 1)
  const results = resources.map((resource): ChangedResource => {
    const { resourceType, resourceName } = resource
    const outcome =
      (mentions.get(keyOf(resource)) ?? 0) > 1
        ? refuse(ErrorCode.INVALID_REQUEST, 'Each resource must appear at most once.')
        : planOne(resource, { image, rules })
    if (!('records' in outcome)) return { resourceType, resourceName, ...outcome }
    records.push(...outcome.records)
    return { resourceType, resourceName, ...ACCEPTED }
  })
  return { results, records }
}

type Inputs = { readonly image: MetadataImage; readonly rules: ConfigRules }

function planOne(resource: ResourceChange, inputs: Inputs): Refusal | { records: MetadataRecord[] } {
  const refusal = resourceRefusal(resource, inputs.image)
  if (isRefused(refusal)) return refusal
  const { resourceType, resourceName } = resource
  const before = inputs.image.configsOf(resourceType, resourceName)
  const after = new Map(resource.replacesAll ? [] : before)
  const changed = new Set<string>()
  for (const change of resource.changes) {
    if (changed.has(change.name)) {
      return refuse(ErrorCode.INVALID_REQUEST, `Error due to duplicate config keys: ${change.name}`)
    }
    changed.add(change.name)
    const outcome = applyChange(change, { resource, before, inputs })
    if (typeof outcome === 'object' && outcome !== null) return outcome
    if (outcome === null) after.delete(change.name)
    else after.set(change.name, outcome)
  }
  const problem = inputs.rules.problem(resource, after, changed)
  if (problem !== null) return refuse(ErrorCode.INVALID_CONFIG, problem)
  return { records: differences(resource, before, after) }
}

/** The value after the change, null when the override goes, or why the change cannot be. */
function applyChange(
  { name, operation, value }: ConfigChange,
  context: { resource: ResourceChange; before: ReadonlyMap<string, string>; inputs: Inputs },
): string | null | Refusal {
  const { resource, before, inputs } = context
  if (operation === ConfigOperation.Delete) {
    const problem = inputs.rules.removalProblem(resource, name)
    return problem === null ? null : refuse(ErrorCode.INVALID_CONFIG, problem)
  }
  if (value === null) {
    return refuse(ErrorCode.INVALID_REQUEST, `Null value not supported for : ${name}`)
  }
  if (operation === ConfigOperation.Set) return value
  if (operation !== ConfigOperation.Append && operation !== ConfigOperation.Subtract) {
    return refuse(ErrorCode.INVALID_REQUEST, `Unknown config operation ${operation}.`)
  }
  const verb = operation === ConfigOperation.Append ? 'append to' : 'subtract from'
  if (!inputs.rules.isList(resource.resourceType, name)) {
    return refuse(ErrorCode.INVALID_CONFIG, `Can't ${verb} key ${name} because its type is not LIST.`)
  }
  const current = before.get(name) ?? inputs.rules.inherited(resource.resourceType, name) ?? ''
  const items = new Set(listOf(current))
  for (const item of listOf(value)) {
    if (operation === ConfigOperation.Append) items.add(item)
    else items.delete(item)
  }
  return [...items].join(',')
}

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function resourceRefusal({ resourceType, resourceName }: ResourceChange, image: MetadataImage): Refusal {
  switch (resourceType) {
    case ResourceType.Topic:
      if (image.topicByName(resourceName) !== undefined) return ACCEPTED
      return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `The topic '${resourceName}' does not exist.`)
    case ResourceType.Broker:
      if (resourceName === '' || image.brokers.has(Number(resourceName))) return ACCEPTED
      return refuse(ErrorCode.INVALID_REQUEST, `No such broker as '${resourceName}' is registered.`)
    case ResourceType.Group:
      if (resourceName !== '') return ACCEPTED
      return refuse(ErrorCode.INVALID_REQUEST, 'Default group resources are not allowed.')
    default:
      return refuse(ErrorCode.INVALID_REQUEST, `Unexpected resource type ${resourceType}.`)
  }
}

function differences(
  { resourceType, resourceName }: ResourceChange,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): MetadataRecord[] {
  const records: MetadataRecord[] = []
  const add = (name: string, value: string | null) =>
    records.push({ type: 'Config', value: { resourceType, resourceName, name, value } })
  for (const name of before.keys()) if (!after.has(name)) add(name, null)
  for (const [name, value] of after) if (before.get(name) !== value) add(name, value)
  return records
}
