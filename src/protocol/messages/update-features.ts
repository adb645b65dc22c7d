import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int8, int16, int32, request, response, string } from '../schema.js'

/*
 * UpdateFeatures v0-v2, flexible throughout.
 *
 *   v1   request gains featureUpdates.upgradeType, validateOnly; request loses
 *        featureUpdates.allowDowngrade
 *   v2   response loses results
 */
export const UpdateFeaturesRequest = request(
  ApiKey.UpdateFeatures,
  { valid: [0, 2], flexible: 0 },
  {
    timeoutMs: int32({ default: 60000 }),
    featureUpdates: array({
      feature: string(),
      maxVersionLevel: int16(),
      allowDowngrade: bool({ until: 0 }),
      upgradeType: int8({ since: 1, default: 1 }),
    }),
    validateOnly: bool({ since: 1 }),
  },
)
export type UpdateFeaturesRequest = Infer<typeof UpdateFeaturesRequest>

export const UpdateFeaturesResponse = response(
  ApiKey.UpdateFeatures,
  { valid: [0, 2], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: true }),
    results: array(
      { feature: string(), errorCode: int16(), errorMessage: string({ nullable: true }) },
      { until: 1 },
    ),
  },
)
export type UpdateFeaturesResponse = Infer<typeof UpdateFeaturesResponse>
