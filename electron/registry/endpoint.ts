import type { Trust } from '@shared/registry'
import { apiHost } from '@shared/reference'

export interface RegistryEndpoint {
  /** `host[:port]` as references write it; Docker Hub's API host is found from it. */
  host: string
  protocol: 'https' | 'http'
  trust: Trust
}

export interface Credential {
  /** `<token>` means that the password is an identity token. */
  username: string
  password: string
}

export interface RequestOptions {
  signal?: AbortSignal
  /** Higher goes first; 0 without. */
  priority?: number
}

/** The user name by which docker marks an identity token. */
export const identityTokenUser = '<token>'

/** The root that every path of the registry's API is resolved against, e.g. `https://registry-1.docker.io/`. */
export function baseUrl(endpoint: RegistryEndpoint): URL {
  return new URL(`${endpoint.protocol}://${apiHost(endpoint.host)}/`)
}
