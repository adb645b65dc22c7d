import { assert } from '../base/assert.js'
import type { AnyApi } from './api.js'

/** Every request the broker serves, by api key. What is not in it does not exist for clients. */
export class ApiTable {
  private readonly byKey: (AnyApi | undefined)[] = []

  constructor(apis: readonly AnyApi[]) {
    for (const api of apis) {
      assert(this.byKey[api.key] === undefined, `Api key ${api.key} is served twice.`)
      assert(api.min >= api.requestSchema.first, `Api key ${api.key} starts below its schema.`)
      assert(api.max <= api.requestSchema.last, `Api key ${api.key} ends beyond its schema.`)
      this.byKey[api.key] = api
    }
  }

  find(key: number): AnyApi | undefined {
    return this.byKey[key]
  }

  /** Ascending by key. */
  [Symbol.iterator](): Iterator<AnyApi> {
    return this.byKey.filter((api) => api !== undefined)[Symbol.iterator]()
  }
}
