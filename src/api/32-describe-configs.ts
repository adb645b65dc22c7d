import type { ConfigEntry } from '../config/config-entry.js'
import { ApiKey } from '../protocol/api-key.js'
import { DescribeConfigsRequest, DescribeConfigsResponse } from '../protocol/messages/describe-configs.js'
import type { Draft } from '../protocol/schema.js'
import { api } from './api.js'
import { type ConfigDescriptions, describeResource } from './config-descriptions.js'

type Config = Draft<typeof DescribeConfigsResponse>['results'][number]['configs'][number]

// DescribeConfigs v1-v4. v1 source and synonyms; v3 type and documentation; v4 flexible.
export const describeConfigs = (descriptions: ConfigDescriptions) =>
  api({
    key: ApiKey.DescribeConfigs,
    min: 1,
    max: 4,
    request: DescribeConfigsRequest,
    response: DescribeConfigsResponse,
    handle(request) {
      const results = request.resources.map(({ resourceType, resourceName, configurationKeys }) => {
        const described = describeResource(descriptions, { resourceType, resourceName })
        const { errorCode, errorMessage, entries } = described
        const keys = new Set(configurationKeys ?? [])
        const asked = keys.size === 0 ? entries : entries.filter(({ name }) => keys.has(name))
        const configs = asked.map((entry) => describe(entry, request))
        return { errorCode, errorMessage, resourceType, resourceName, configs }
      })
      return { throttleTimeMs: 0, results }
    },
    onError: ({ resources }, errorCode) => ({
      throttleTimeMs: 0,
      results: resources.map(({ resourceType, resourceName }) => ({
        errorCode,
        errorMessage: null,
        resourceType,
        resourceName,
        configs: [],
      })),
    }),
  })

function describe(
  entry: ConfigEntry,
  asked: { readonly includeSynonyms: boolean; readonly includeDocumentation: boolean },
): Config {
  return {
    name: entry.name,
    value: entry.value,
    readOnly: entry.readOnly,
    configSource: entry.source,
    isSensitive: entry.sensitive,
    synonyms: asked.includeSynonyms ? entry.synonyms : [],
    configType: entry.type,
    documentation: asked.includeDocumentation ? entry.documentation : null,
  }
}
