import { ApiKey } from '../api-key.js'
import { array, type Infer, int8, int16, int32, request, response, string } from '../schema.js'

/*
 * ListConfigResources v0-v1, flexible throughout.
 *
 *   v1   request gains resourceTypes; response gains configResources.resourceType
 */
export const ListConfigResourcesRequest = request(
  ApiKey.ListConfigResources,
  { valid: [0, 1], flexible: 0 },
  { resourceTypes: array(int8(), { since: 1 }) },
)
export type ListConfigResourcesRequest = Infer<typeof ListConfigResourcesRequest>

export const ListConfigResourcesResponse = response(
  ApiKey.ListConfigResources,
  { valid: [0, 1], flexible: 0 },
  {
    throttleTimeMs: int32({ default: 0 }),
    errorCode: int16(),
    configResources: array({ resourceName: string(), resourceType: int8({ since: 1, default: 16 }) }),
  },
)
export type ListConfigResourcesResponse = Infer<typeof ListConfigResourcesResponse>
