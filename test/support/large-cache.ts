/** A cache as it is after years: many repositories and tags, each image with labels, variables and ports. */
import { createHash } from 'node:crypto'
import { mediaTypes } from '@shared/oci'
import type { Cache } from '../../electron/cache/cache'

export interface LargeCacheShape {
  registryId: string
  repositories: number
  tags: number
  /** How many of the tags were read: have a digest, a manifest, a config and a date. */
  read: number
}

const words = ['api', 'web', 'job', 'order', 'stock', 'ledger', 'gateway', 'report', 'mail', 'search']
const digestOf = (text: string | Buffer): string =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`

/** `ns07/order-ledger-00421` */
export function repositoryName(index: number): string {
  const word = (by: number): string => words[Math.floor(index / by) % words.length] ?? ''
  return `ns${String(index % 40).padStart(2, '0')}/${word(1)}-${word(10)}-${String(index).padStart(5, '0')}`
}

/** The first tag of each repository is `latest`; others are versions, some shared by many repositories, some unique. */
export function tagName(repository: number, index: number): string {
  if (index === 0) return 'latest'
  if (index % 2 === 0) return `${1 + (repository % 9)}.${index}.${repository % 20}`
  return `build-${String(repository * 7 + index).padStart(7, '0')}-${digestOf(`${repository} ${index}`).slice(7, 15)}`
}

function writeImage(cache: Cache, registryId: string, repository: string, index: number, tag: string): void {
  const created = 1_500_000_000_000 + ((index * 7919) % 200_000) * 1_000_000
  const layers = [`base ${index % 50}`, `middle ${index % 3000}`, `top ${index}`].map(digestOf)
  const config = Buffer.from(
    JSON.stringify({
      created: new Date(created).toISOString(),
      os: 'linux',
      architecture: 'amd64',
      config: {
        Labels: {
          maintainer: `team-${index % 97}@example.test`,
          'org.opencontainers.image.revision': digestOf(tag + index).slice(7, 47),
        },
        Env: [
          'PATH=/usr/local/sbin:/usr/local/bin:/usr/bin',
          `JAVA_VERSION=8u${index % 400}`,
          `APP_ID=${index}`,
        ],
        ExposedPorts: { [`${8000 + (index % 100)}/tcp`]: {} },
      },
      rootfs: { type: 'layers', diff_ids: layers },
    }),
  )
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
      layers: layers.map((digest) => ({
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest,
        size: 1000,
      })),
    }),
  )
  const digest = digestOf(manifest)
  cache.content.addManifest({
    digest,
    mediaType: mediaTypes.ociManifest,
    kind: 'image',
    bytes: manifest,
    storedAt: created,
  })
  cache.content.addConfig(digestOf(config), config)
  cache.content.place(registryId, repository, digest)
  cache.content.place(registryId, repository, digestOf(config))
  cache.content.addFact(digest, {
    kind: 'image',
    created,
    size: 3000,
    platforms: [{ os: 'linux', architecture: 'amd64' }],
    description: null,
  })
  cache.content.addLayers(
    registryId,
    repository,
    layers.map((layer) => ({ diffId: layer, digest: layer, size: 1000 })),
  )
  cache.tags.point(registryId, repository, tag, digest, created)
}

/** Fills a cache; tags are spread evenly over the repositories. */
export function fillLargeCache(
  cache: Cache,
  { registryId, repositories, tags, read }: LargeCacheShape,
): void {
  const names = Array.from({ length: repositories }, (_, index) => repositoryName(index))
  const generation = cache.catalog.begin(registryId)
  for (let from = 0; from < repositories; from += 1000) {
    cache.catalog.addPage(registryId, generation, names.slice(from, from + 1000), 1)
  }
  cache.catalog.end(registryId, generation, true, 1)
  const each = tags / repositories
  let written = 0
  for (let from = 0; from < repositories; from += 500) {
    cache.transaction(() => {
      for (let index = from; index < Math.min(repositories, from + 500); index += 1) {
        const repository = names[index] ?? ''
        const own = Array.from({ length: each }, (_, tag) => tagName(index, tag))
        const list = cache.tags.begin(registryId, repository)
        cache.tags.addPage(registryId, repository, list, own, 1)
        cache.tags.end(registryId, repository, list, true, 1)
        for (const tag of own) {
          if (written >= read || (written * tags) / read > index * each + own.indexOf(tag)) continue
          writeImage(cache, registryId, repository, written, tag)
          written += 1
        }
      }
    })
  }
}
