import type { RegistryEndpoint } from '../registry/client'
import type { StoredRegistry } from '../store/registries'

/** Where and how a stored registry is spoken to. */
export const endpointOf = ({ host, protocol, trust }: RegistryEndpoint): RegistryEndpoint => ({
  host,
  protocol,
  trust,
})

/** What a client was made from, as one text: another text means that another client is needed. */
export const madeFrom = ({ host, protocol, trust, activeAccountId }: StoredRegistry): string =>
  JSON.stringify([host, protocol, trust, activeAccountId])
