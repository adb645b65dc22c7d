import type { Controller } from '../cluster/controller.js'
import { isRefused } from '../cluster/outcome.js'
import type { FeatureRange, FeatureUpdate } from '../cluster/update-features.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../protocol/messages/update-features.js'
import { api } from './api.js'

interface Rooms {
  readonly controller: Pick<Controller, 'updateFeatures'>
  readonly supported: readonly FeatureRange[]
}

/** Kinds of upgrade by code; what is not here is unknown. */
const WAYS: readonly FeatureUpdate['way'][] = [null, 'upgrade', 'safe downgrade', 'unsafe downgrade']

/*
 * UpdateFeatures v0-v2. v1 kinds of upgrade, validation only; v2 no results for each. All updates are made or none,
 * so one error speaks for all in any version.
 */
export const updateFeatures = ({ controller, supported }: Rooms) =>
  api({
    key: ApiKey.UpdateFeatures,
    min: 0,
    max: 2,
    request: UpdateFeaturesRequest,
    response: UpdateFeaturesResponse,
    async handle({ featureUpdates, validateOnly }, { apiVersion }) {
      const updates = featureUpdates.map(({ feature, maxVersionLevel, allowDowngrade, upgradeType }) => ({
        name: feature,
        level: maxVersionLevel,
        way: apiVersion === 0 ? wayOf(allowDowngrade) : (WAYS[upgradeType] ?? null),
      }))
      const results = await controller.updateFeatures(updates, { supported, validateOnly })
      const failed = results.find(isRefused)
      if (failed !== undefined) {
        const { errorCode, name, errorMessage } = failed
        const reason = errorMessage ?? name
        const what = `The update failed for all features since the following feature had an error: ${reason}`
        return { errorCode, errorMessage: what }
      }
      const outcomes = results.map(({ name, ...outcome }) => ({ feature: name, ...outcome }))
      return { errorCode: ErrorCode.NONE, errorMessage: null, results: apiVersion < 2 ? outcomes : [] }
    },
    onError: ({ featureUpdates }, errorCode) => ({
      errorCode,
      errorMessage: null,
      results: featureUpdates.map(({ feature }) => ({ feature, errorCode, errorMessage: null })),
    }),
  })

function wayOf(allowDowngrade: boolean): FeatureUpdate['way'] {
  return allowDowngrade ? 'safe downgrade' : 'upgrade'
}
