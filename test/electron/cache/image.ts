/** Images as browsing would have stored them. */
import { createHash } from 'node:crypto'
import { mediaTypes } from '@shared/oci'
import type { Cache } from '../../../electron/cache/cache'

export const digestOf = (text: string | Buffer): string =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`

export interface ImageShape {
  registryId?: string
  repository: string
  tag: string
  created?: number
  labels?: Record<string, string>
  env?: string[]
  ports?: string[]
  /** Letters that stand for layers, base first. */
  diffIds?: string[]
  annotations?: Record<string, string>
  storedAt?: number
}

/** Stores an image and its tag; answers the digests of its manifest and its config. */
export function storeImage(cache: Cache, shape: ImageShape): { digest: string; config: string } {
  const { registryId = 'r', repository, tag, created = 1000, storedAt = 1 } = shape
  const config = Buffer.from(
    JSON.stringify({
      created: new Date(created).toISOString(),
      config: {
        Labels: shape.labels,
        Env: shape.env,
        ExposedPorts: Object.fromEntries((shape.ports ?? []).map((port) => [port, {}])),
      },
      rootfs: { type: 'layers', diff_ids: (shape.diffIds ?? []).map(digestOf) },
      author: `${repository}:${tag}`,
    }),
  )
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
      layers: [],
      annotations: shape.annotations,
    }),
  )
  const digest = digestOf(manifest)
  cache.transaction(() => {
    cache.content.addManifest({
      digest,
      mediaType: mediaTypes.ociManifest,
      kind: 'image',
      bytes: manifest,
      storedAt,
    })
    cache.content.addConfig(digestOf(config), config)
    cache.content.place(registryId, repository, digest)
    cache.content.place(registryId, repository, digestOf(config))
    cache.content.addFact(digest, { kind: 'image', created, size: 1, platforms: [], description: null })
    cache.tags.point(registryId, repository, tag, digest, storedAt)
  })
  return { digest, config: digestOf(config) }
}
