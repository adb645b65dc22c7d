import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int16, int32, int64, request, response, string } from '../schema.js'

/*
 * ApiVersions v0-v4.
 *
 *   v1   response gains throttleTimeMs
 *   v2   the client throttles itself
 *   v3   flexible; request gains clientSoftwareName, clientSoftwareVersion; response gains
 *        supportedFeatures, finalizedFeaturesEpoch, finalizedFeatures, zkMigrationReady
 *   v4   features with minimum 0 are listed
 */
export const ApiVersionsRequest = request(
  ApiKey.ApiVersions,
  { valid: [0, 4], flexible: 3 },
  { clientSoftwareName: string({ since: 3 }), clientSoftwareVersion: string({ since: 3 }) },
)
export type ApiVersionsRequest = Infer<typeof ApiVersionsRequest>

export const ApiVersionsResponse = response(
  ApiKey.ApiVersions,
  { valid: [0, 4], flexible: 3 },
  {
    errorCode: int16(),
    apiKeys: array({ apiKey: int16(), minVersion: int16(), maxVersion: int16() }),
    throttleTimeMs: int32({ since: 1 }),
    supportedFeatures: array(
      { name: string(), minVersion: int16(), maxVersion: int16() },
      { since: 3, tag: 0 },
    ),
    finalizedFeaturesEpoch: int64({ since: 3, default: -1, tag: 1 }),
    finalizedFeatures: array(
      { name: string(), maxVersionLevel: int16(), minVersionLevel: int16() },
      { since: 3, tag: 2 },
    ),
    zkMigrationReady: bool({ since: 3, tag: 3 }),
  },
)
export type ApiVersionsResponse = Infer<typeof ApiVersionsResponse>
