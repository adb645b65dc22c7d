import type { MetadataImage } from '../cluster/metadata-image.js'
import { ApiKey } from '../protocol/api-key.js'
import { ErrorCode } from '../protocol/errors.js'
import { ApiVersionsRequest, ApiVersionsResponse } from '../protocol/messages/api-versions.js'
import { api } from './api.js'
import type { ApiTable } from './table.js'

/** A feature this broker can run, and between which levels. */
export interface SupportedFeature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}

interface Rooms {
  /** Read on each request, because the table holds this handler too. */
  readonly table: () => ApiTable
  readonly image: MetadataImage
  readonly features: readonly SupportedFeature[]
}

// ApiVersions v0-v4. v3 flexible, client names itself; v4 features with minimum 0 are listed.
export const apiVersions = ({ table, image, features }: Rooms) =>
  api({
    key: ApiKey.ApiVersions,
    min: 0,
    max: 4,
    request: ApiVersionsRequest,
    response: ApiVersionsResponse,
    handle({ clientSoftwareName, clientSoftwareVersion }, { apiVersion, client }) {
      if (apiVersion >= 3) {
        if (!isLegal(clientSoftwareName) || !isLegal(clientSoftwareVersion)) {
          return { errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [] }
        }
        client.softwareName = clientSoftwareName
        client.softwareVersion = clientSoftwareVersion
      }
      return {
        errorCode: ErrorCode.NONE,
        apiKeys: advertised(table()),
        supportedFeatures: features.filter(({ minVersion }) => apiVersion >= 4 || minVersion > 0),
        finalizedFeaturesEpoch: image.offset,
        finalizedFeatures: [...image.features].map(([name, level]) => ({
          name,
          maxVersionLevel: level,
          minVersionLevel: level,
        })),
      }
    },
    onError: (_request, errorCode) => ({ errorCode, apiKeys: [] }),
  })

const SOFTWARE_LENGTH_MAX = 1024

/** Kafka's pattern for software names, which end up in metrics and logs. */
function isLegal(text: string): boolean {
  return text.length <= SOFTWARE_LENGTH_MAX && /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/.test(text)
}

/*
 * Produce is advertised from version 0 although 0 to 2 are refused: librdkafka up to 2.10 takes a higher minimum
 * for a broker too old for gzip, snappy and lz4 and would send batches uncompressed.
 */
function advertised(table: ApiTable) {
  return [...table].map(({ key, min, max }) => ({
    apiKey: key,
    minVersion: key === ApiKey.Produce ? 0 : min,
    maxVersion: max,
  }))
}
