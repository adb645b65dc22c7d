interface Resource {
  readonly resourceType: number
  readonly resourceName: string
}

/** One error for every resource whose configuration was to change. */
export function refuseEachResource(resources: readonly Resource[], errorCode: number) {
  return resources.map(({ resourceType, resourceName }) => ({
    resourceType,
    resourceName,
    errorCode,
    errorMessage: null,
  }))
}
