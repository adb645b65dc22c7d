import { ApiKey } from '../api-key.js'
import { array, type Infer, int16, request, response, string } from '../schema.js'

/*
 * SaslHandshake v0-v1, never flexible.
 *
 *   v1   tokens travel in SaslAuthenticate requests
 */
export const SaslHandshakeRequest = request(ApiKey.SaslHandshake, { valid: [0, 1] }, { mechanism: string() })
export type SaslHandshakeRequest = Infer<typeof SaslHandshakeRequest>

export const SaslHandshakeResponse = response(
  ApiKey.SaslHandshake,
  { valid: [0, 1] },
  { errorCode: int16(), mechanisms: array(string()) },
)
export type SaslHandshakeResponse = Infer<typeof SaslHandshakeResponse>
