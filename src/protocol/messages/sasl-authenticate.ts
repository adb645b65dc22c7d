import { ApiKey } from '../api-key.js'
import { bytes, type Infer, int16, int64, request, response, string } from '../schema.js'

/*
 * SaslAuthenticate v0-v2.
 *
 *   v1   response gains sessionLifetimeMs
 *   v2   flexible
 */
export const SaslAuthenticateRequest = request(
  ApiKey.SaslAuthenticate,
  { valid: [0, 2], flexible: 2 },
  { authBytes: bytes() },
)
export type SaslAuthenticateRequest = Infer<typeof SaslAuthenticateRequest>

export const SaslAuthenticateResponse = response(
  ApiKey.SaslAuthenticate,
  { valid: [0, 2], flexible: 2 },
  {
    errorCode: int16(),
    errorMessage: string({ nullable: true }),
    authBytes: bytes(),
    sessionLifetimeMs: int64({ since: 1 }),
  },
)
export type SaslAuthenticateResponse = Infer<typeof SaslAuthenticateResponse>
