import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int8, int16, int32, request, response, string } from '../schema.js'

/*
 * IncrementalAlterConfigs v0-v1.
 *
 *   v1   flexible
 */
export const IncrementalAlterConfigsRequest = request(
  ApiKey.IncrementalAlterConfigs,
  { valid: [0, 1], flexible: 1 },
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({ name: string(), configOperation: int8(), value: string({ nullable: true }) }),
    }),
    validateOnly: bool(),
  },
)
export type IncrementalAlterConfigsRequest = Infer<typeof IncrementalAlterConfigsRequest>

export const IncrementalAlterConfigsResponse = response(
  ApiKey.IncrementalAlterConfigs,
  { valid: [0, 1], flexible: 1 },
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
export type IncrementalAlterConfigsResponse = Infer<typeof IncrementalAlterConfigsResponse>
