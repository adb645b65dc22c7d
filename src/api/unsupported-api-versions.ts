import { ErrorCode } from '../protocol/errors.js'

/** The one answer to an ApiVersions request of a version nobody here knows: which versions to ask with instead. */
export function unsupportedApiVersions(api: { key: number; min: number; max: number }) {
  return {
    errorCode: ErrorCode.UNSUPPORTED_VERSION,
    apiKeys: [{ apiKey: api.key, minVersion: api.min, maxVersion: api.max }],
  }
}
