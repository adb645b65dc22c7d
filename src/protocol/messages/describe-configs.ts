import { ApiKey } from '../api-key.js'
import { array, bool, type Infer, int8, int16, int32, request, response, string } from '../schema.js'

/*
 * DescribeConfigs v0-v4.
 *
 *   v1   request gains includeSynonyms; response gains configs.configSource, configs.synonyms; response
 *        loses configs.isDefault
 *   v2   the client throttles itself
 *   v3   request gains includeDocumentation; response gains configs.configType, configs.documentation
 *   v4   flexible
 */
export const DescribeConfigsRequest = request(
  ApiKey.DescribeConfigs,
  { valid: [0, 4], flexible: 4 },
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configurationKeys: array(string(), { nullable: true }),
    }),
    includeSynonyms: bool({ since: 1 }),
    includeDocumentation: bool({ since: 3 }),
  },
)
export type DescribeConfigsRequest = Infer<typeof DescribeConfigsRequest>

export const DescribeConfigsResponse = response(
  ApiKey.DescribeConfigs,
  { valid: [0, 4], flexible: 4 },
  {
    throttleTimeMs: int32({ default: 0 }),
    results: array({
      errorCode: int16(),
      errorMessage: string({ nullable: true }),
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: string({ nullable: true }),
        readOnly: bool(),
        isDefault: bool({ until: 0 }),
        configSource: int8({ since: 1, default: -1 }),
        isSensitive: bool(),
        synonyms: array({ name: string(), value: string({ nullable: true }), source: int8() }, { since: 1 }),
        configType: int8({ since: 3 }),
        documentation: string({ since: 3, nullable: true }),
      }),
    }),
  },
)
export type DescribeConfigsResponse = Infer<typeof DescribeConfigsResponse>
