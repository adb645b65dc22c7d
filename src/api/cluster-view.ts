import type { MetadataImage } from '../cluster/metadata-image.js'
import type { ClientInfo } from './api.js'

/** The cluster as one client sees it: broker addresses depend on the listener it came through. */
export interface ClusterView {
  readonly image: MetadataImage
  /** This broker's address for the client. */
  endpointFor(client: ClientInfo): { readonly host: string; readonly port: number }
}

export interface BrokerAddress {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  readonly fenced: boolean
}

/** Brokers the client can reach: this one by what it dialled, others by the endpoint of the same listener. */
export function brokersFor(view: ClusterView, client: ClientInfo): BrokerAddress[] {
  const result: BrokerAddress[] = []
  for (const { id, rack, fenced, endPoints } of view.image.brokers.values()) {
    const endpoint =
      id === view.image.nodeId
        ? view.endpointFor(client)
        : endPoints.find(({ name }) => name === client.listenerName)
    if (endpoint !== undefined) {
      result.push({ nodeId: id, host: endpoint.host, port: endpoint.port, rack, fenced })
    }
  }
  return result
}
