/** What a registry of the lab has in its storage and in its log: the truth behind what the window shows. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Registry } from '../../lab/registry'

const hex = (digest: string): string => digest.slice('sha256:'.length)
const rootOf = (registry: Registry): string => join(registry.storage.root, 'docker/registry/v2')
const blobFile = (registry: Registry, digest: string): string =>
  join(rootOf(registry), 'blobs/sha256', hex(digest).slice(0, 2), hex(digest), 'data')
const below = (registry: Registry, repository: string, ...names: string[]): string =>
  join(rootOf(registry), 'repositories', repository, ...names)

/** The tags that name something, sorted. */
export function tagsIn(registry: Registry, repository: string): string[] {
  const folder = below(registry, repository, '_manifests/tags')
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.filter((name) => existsSync(join(folder, name, 'current/link'))).sort()
}

/** Whether a repository has a manifest, under a tag or not. */
export const hasManifest = (registry: Registry, repository: string, digest: string): boolean =>
  existsSync(below(registry, repository, '_manifests/revisions/sha256', hex(digest), 'link')) &&
  existsSync(blobFile(registry, digest))

/** Whether a repository has a config or a layer. */
export const hasBlob = (registry: Registry, repository: string, digest: string): boolean =>
  existsSync(below(registry, repository, '_layers/sha256', hex(digest), 'link')) &&
  existsSync(blobFile(registry, digest))

export interface StoredManifest {
  config: { digest: string; size: number }
  layers: { digest: string; size: number }[]
}

/** A manifest as the registry keeps it. */
export const manifestIn = (registry: Registry, digest: string): StoredManifest =>
  JSON.parse(readFileSync(blobFile(registry, digest), 'utf8')) as StoredManifest

/** Content as the registry keeps it. */
export const contentIn = (registry: Registry, digest: string): Buffer =>
  readFileSync(blobFile(registry, digest))

/** Takes content away as a garbage collection does; the registry has to be started again to notice. */
export function loseContent(registry: Registry, digest: string): void {
  rmSync(blobFile(registry, digest))
}

export interface Answered {
  method: string
  /** With its query. */
  path: string
  status: number
}

/** The requests that a registry has answered, in their order. */
export function answeredBy(registry: Registry): Answered[] {
  return registry.accessLog().map((line) => {
    const [, method = '', path = '', status = ''] = /"([A-Z]+) (\S+) HTTP[^"]*" (\d+)/.exec(line) ?? []
    return { method, path, status: Number(status) }
  })
}

/** Those that bring bytes of layers and configs. */
export const isUpload = ({ method, path }: Answered): boolean =>
  (method === 'PATCH' || method === 'PUT') && path.includes('/blobs/uploads/')

/** Those that fetch bytes of layers and configs. */
export const isDownload = ({ method, path }: Answered): boolean =>
  method === 'GET' && path.includes('/blobs/sha256:')

/** Those by which a blob was taken from another repository. */
export const isMount = ({ method, path, status }: Answered): boolean =>
  method === 'POST' && path.includes('mount=') && status === 201
