import {
  buildArtifact,
  buildAttestation,
  buildImage,
  buildIndex,
  type Image,
  type ImageSpec,
} from './oci-image'
import { publicImages, tenantImages, type Catalogued } from './seed-content'
import type { Storage } from './storage'

const platforms = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64', variant: 'v8' },
]

/** The repositories and tags that were put, as repository to tags. */
export type Seeded = Record<string, string[]>

/** Fills a public namespace: ten well-known names in several tags, two platforms, both families of media types. */
export function seedPublic(storage: Storage, namespace = 'library'): Seeded {
  const seeded: Seeded = {}
  publicImages.forEach((entry, position) => {
    const repository = `${namespace}/${entry.name}`
    const format = position % 2 === 0 ? 'oci' : 'docker'
    const tags: string[] = []
    entry.versions.forEach(({ version, created }, index) => {
      const images = platforms.map((platform) =>
        buildImage({ ...specOf(entry, version, created, format), platform }),
      )
      const newest = index === entry.versions.length - 1
      const attest = newest && format === 'oci' ? images.map(buildAttestation) : []
      const names = newest ? [version, 'latest'] : [version]
      storage.put(repository, buildIndex(format, [...images, ...attest]), ...names)
      // A small variant for one platform only: a manifest without an index.
      const small = { ...specOf(entry, `${version}-alpine`, created, format), layers: layersOf(entry, 1) }
      storage.put(repository, buildImage(small), `${version}-alpine`)
      tags.push(...names, `${version}-alpine`)
    })
    seeded[repository] = tags
  })
  const chart = buildArtifact(
    'application/vnd.cncf.helm.config.v1+json',
    'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    Buffer.from('not really a chart'),
  )
  storage.put(`${namespace}/nginx`, chart, 'chart-15.4.0')
  seeded[`${namespace}/nginx`]?.push('chart-15.4.0')
  return seeded
}

/** Fills a tenant's namespace: applications, and base images whose names end in _ownbase. */
export function seedTenant(storage: Storage, tenant = '727524'): Seeded {
  const seeded: Seeded = {}
  for (const entry of tenantImages) {
    const repository = `${tenant}/${entry.name}`
    for (const { version, created } of entry.versions) {
      storage.put(repository, buildImage(specOf(entry, version, created, 'docker')), version)
    }
    seeded[repository] = entry.versions.map(({ version }) => version)
  }
  return seeded
}

/** Adds `repositories` repositories with `tags` tags each, v1 and on, that are to be looked at but not changed. */
export async function seedMany(
  storage: Storage,
  repositories: number,
  tags: number,
  prefix = 'big',
): Promise<void> {
  const images: Record<string, Image> = {}
  for (let number = 1; number <= tags; number += 1) {
    const layers = [{ size: 4096, seed: 'many' }]
    const created = new Date(Date.UTC(2020, 0, number)).toISOString()
    images[`v${number}`] = buildImage({ seed: `many/${number}`, format: 'docker', created, layers })
  }
  await storage.seed(repositories, images, prefix)
}

function specOf(entry: Catalogued, version: string, created: string, format: 'docker' | 'oci'): ImageSpec {
  const source = `https://example.com/${entry.name}`
  const labels = {
    'org.opencontainers.image.title': entry.title,
    'org.opencontainers.image.description': entry.description,
    'org.opencontainers.image.source': source,
    'org.opencontainers.image.documentation': `${source}/docs`,
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.licenses': entry.license,
    'org.opencontainers.image.created': created,
  }
  const { config, author } = entry
  return {
    ...{ seed: `${entry.name}:${version}`, format, created, author, layers: layersOf(entry, entry.layers) },
    emptyHistory: [
      ...Object.keys((config.ExposedPorts as object | undefined) ?? {}).map(
        (port) => `EXPOSE map[${port}:{}]`,
      ),
      `CMD ${JSON.stringify(config.Cmd ?? ['/bin/sh'])}`,
    ],
    config: { ...config, Labels: labels },
    annotations: format === 'oci' ? labels : undefined,
  }
}

function layersOf(entry: Catalogued, count: number): ImageSpec['layers'] {
  const base = { size: 96 * 1024, seed: 'base', createdBy: '/bin/sh -c #(nop) ADD file:5d04aa8c in / ' }
  const own = Array.from({ length: count }, (_, index) => ({
    size: 24 * 1024 * (index + 1),
    createdBy:
      index === 0
        ? `RUN /bin/sh -c apt-get install -y ${entry.name} # buildkit`
        : `COPY part-${index} / # buildkit`,
  }))
  return [base, ...own]
}
