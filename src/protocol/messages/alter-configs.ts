import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int8, int16, int32, request, response, string } from '../schema.js'

/*
 * AlterConfigs v0-v2.
 *
 *   v1   the client throttles itself
 *   v2   flexible
 */
export const AlterConfigsRequest = request(
  ApiKey.AlterConfigs,
  { valid: [0, 2], flexible: 2 },
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({ name: string(), value: string({ nullable: true }) }),
    }),
    validateOnly: bool(),
  },
)
export type AlterConfigsRequest = Infer<typeof AlterConfigsRequest>

export const AlterConfigsResponse = response(
  ApiKey.AlterConfigs,
  { valid: [0, 2], flexible: 2 },
  {
    throttleTimeMs: int32({ default: 0 }),
    responses: array({
      errorCode: int16(),
      errorMessage: string({ nullable: true }),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
)
export type AlterConfigsResponse = Infer<typeof AlterConfigsResponse>
