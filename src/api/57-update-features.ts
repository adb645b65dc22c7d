import type { Controller } from '../cluster/controller.js'
import { isRefused } from '../cluster/outcome.js'
import type { FeatureRange } from '../cluster/update-features.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from '../protocol/messages/update-features.js'
import { api } from './api.js'

interface Rooms {
  readonly controller: Pick<Controller, 'updateFeatures'>
  readonly supported: readonly FeatureRange[]
}

const UPGRADE = 1

/*
 * UpdateFeatures v0-v2. v1 kinds of upgrade, validation only; v2 one error for all, since all updates are made or
 * none.
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
        downgrade: apiVersion === 0 ? allowDowngrade : upgradeType !== UPGRADE,
      }))
      const results = await controller.updateFeatures(updates, { supported, validateOnly })
      const failed = results.find(isRefused)
      if (apiVersion < 2) {
        return {
          errorCode: ErrorCode.NONE,
          errorMessage: null,
          results: results.map(({ name, ...outcome }) => ({ feature: name, ...outcome })),
        }
      }
      if (failed === undefined) return { errorCode: ErrorCode.NONE, errorMessage: null }
      const { errorCode, name, errorMessage } = failed
      const what = `The update failed for all features since the following feature had an error: ${name}`
      return { errorCode, errorMessage: errorMessage === null ? what : `${what}: ${errorMessage}` }
    },
    onError: ({ featureUpdates }, errorCode) => ({
      errorCode,
      errorMessage: null,
      results: featureUpdates.map(({ feature }) => ({ feature, errorCode, errorMessage: null })),
    }),
  })
