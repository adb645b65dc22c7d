import { ErrorCode } from '../protocol/errors.js'
import type { MetadataImage } from './metadata-image.js'
import type { MetadataRecord } from './metadata-record.js'
import { ACCEPTED, isRefused, type Refusal, refuse } from './outcome.js'

/** A feature this broker can run, and between which levels. */
export interface FeatureRange {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}

export interface FeatureUpdate {
  readonly name: string
  readonly level: number
  /** Only who means to go back may; null is a way of changing that nobody knows. */
  readonly way: 'upgrade' | 'safe downgrade' | 'unsafe downgrade' | null
}

export interface UpdatedFeature extends Refusal {
  readonly name: string
}

/** All updates or none: levels depend on each other. A level of 0 is that of a feature nobody raised. */
export function planUpdateFeatures(
  updates: readonly FeatureUpdate[],
  { image, supported }: { image: MetadataImage; supported: readonly FeatureRange[] },
): { results: UpdatedFeature[]; records: MetadataRecord[] } {
  const names = new Set<string>()
  const results = updates.map((update) => {
    const repeated = names.has(update.name)
    names.add(update.name)
    const refusal = repeated
      ? refuse(ErrorCode.INVALID_REQUEST, `Provided feature ${update.name} more than once.`)
      : refusalOf(update, image, supported)
    return { name: update.name, ...refusal }
  })
  if (results.some(isRefused)) return { results, records: [] }
  const changes = updates.filter(({ name, level }) => level !== levelOf(image, name))
  const records = changes.map(
    ({ name, level }): MetadataRecord => ({ type: 'FeatureLevel', value: { name, featureLevel: level } }),
  )
  return { results, records }
}

/** In Kafka's order and words. */
function refusalOf(
  { name, level, way }: FeatureUpdate,
  image: MetadataImage,
  supported: readonly FeatureRange[],
): Refusal {
  const invalid = (reason: string) =>
    refuse(ErrorCode.INVALID_UPDATE_VERSION, `Invalid update version ${level} for feature ${name}. ${reason}`)
  if (way === null) return invalid('The controller does not support the given upgrade type.')
  if (level < 0) return invalid('A feature version cannot be less than 0.')
  const range = supported.find((each) => each.name === name)
  if (range === undefined) {
    const controller = `Local controller ${image.nodeId} does not support this feature.`
    return invalid(level === 0 ? `Feature ${name} not found.` : controller)
  }
  const { minVersion, maxVersion } = range
  if (level < minVersion || level > maxVersion) {
    return invalid(`Local controller ${image.nodeId} only supports versions ${minVersion}-${maxVersion}`)
  }
  const current = levelOf(image, name)
  if (level < current && way === 'upgrade') {
    return invalid(
      "Can't downgrade the version of this feature without setting the upgrade type to either safe or " +
        'unsafe downgrade.',
    )
  }
  if (level > current && way !== 'upgrade') return invalid("Can't downgrade to a newer version.")
  // Records of the metadata log may already be written in ways an older version does not know.
  if (level < current && minVersion > 0) {
    const reason =
      way === 'unsafe downgrade'
        ? 'Unsafe metadata downgrade is not supported in this version.'
        : 'Refusing to perform the requested downgrade because it might delete metadata information.'
    const message = `Unsupported ${name} downgrade from ${current} to ${level}. ${reason}`
    return refuse(ErrorCode.INVALID_UPDATE_VERSION, message)
  }
  return ACCEPTED
}

function levelOf(image: MetadataImage, name: string): number {
  return image.features.get(name) ?? 0
}
