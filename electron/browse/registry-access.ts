import type { AppError } from '@shared/error'
import type { Registry } from '@shared/registry'
import type { RegistryClient } from '../registry/client'

/** What browsing asks of a registry's client: it only ever reads. Bytes that come were checked against their digest. */
export type BrowseClient = Pick<
  RegistryClient,
  'ping' | 'listRepositories' | 'listTags' | 'headManifest' | 'fetchManifest' | 'fetchConfig'
>

/** The registries that are set up, with the client of each and the place to tell how its last request went. */
export interface RegistryAccess {
  client(id: string): BrowseClient
  /** REGISTRY_UNKNOWN where it was removed. */
  get(id: string): Registry
  report(id: string, outcome: { ok: true } | { ok: false; error: AppError }): void
}
