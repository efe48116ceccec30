/** A cache that has seen 100,000 tags: what a large team's registry looks like after a year. */
import { openCache, type Cache } from '../../electron/cache/cache'
import { factOfManifest } from '../../electron/browse/fact'
import { diffIdLayers } from '../../electron/browse/layers'
import { parseConfig, parseContent } from '../../electron/browse/parse-stored'
import { silentLog } from '../../electron/log'
import { digestOf, jsonBlob } from '../lab/oci-image'

export const repositoryCount = 500
export const tagsEach = 200
/** Tags that name one and the same image: a build has a version, a date and the like. */
const tagsOfImage = 10

const teams = ['checkout', 'payment', 'search', 'logistics', 'identity', 'reports', 'billing', 'mobile']
const things = ['gateway', 'worker', 'service', 'web', 'scheduler', 'importer', 'console', 'proxy', 'agent']
const bases = ['openjdk', 'node', 'python', 'golang', 'nginx', 'alpine', 'debian', 'tomcat']

const pick = (from: readonly string[], index: number): string => from[index % from.length] ?? ''

const repositoryName = (index: number): string =>
  `727524/${pick(teams, index)}-${pick(things, index >> 3)}-${String(index).padStart(3, '0')}`

const tagName = (index: number): string =>
  `${1 + (index >> 6)}.${(index >> 3) % 8}.${index % 8}${index % 3 === 0 ? `-build.${20_240_000 + index}` : ''}`

const dockerTypes = 'application/vnd.docker'

function imageOf(repository: number, image: number) {
  const team = pick(teams, repository)
  const created = new Date(Date.UTC(2023, 0, 1) + (repository * 20 + image) * 3600_000).toISOString()
  const layers = Array.from({ length: 6 }, (_, at) => {
    // The lower layers are those of a base image and shared by many.
    const seed = at < 3 ? `base ${repository % 24} ${at}` : `own ${repository} ${at < 5 ? 0 : image} ${at}`
    return {
      diffId: digestOf(Buffer.from(`diff ${seed}`)),
      digest: digestOf(Buffer.from(seed)),
      size: 1_000_000 + at,
    }
  })
  const config = jsonBlob(`${dockerTypes}.container.image.v1+json`, {
    ...{ created, os: 'linux', architecture: 'amd64' },
    config: {
      Env: [
        `SERVICE_NAME=${repositoryName(repository)}`,
        'JAVA_OPTS=-Xmx512m',
        `BUILD=${repository}-${image}`,
        `REGION=cn-${repository % 9}`,
      ],
      ExposedPorts: { [`${8000 + (repository % 90)}/tcp`]: {} },
      Labels: {
        team,
        'org.opencontainers.image.title': `${team} ${pick(things, repository >> 3)}`,
        'org.opencontainers.image.base.name': `docker.io/library/${pick(bases, repository)}:${1 + (image % 20)}`,
        'org.opencontainers.image.revision': digestOf(Buffer.from(`${repository}/${image}`)).slice(7, 47),
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created, created_by: 'RUN /bin/sh -c make install # buildkit' })),
  })
  const mediaType = `${dockerTypes}.distribution.manifest.v2+json`
  const manifest = jsonBlob(mediaType, {
    ...{ schemaVersion: 2, mediaType },
    config: { mediaType: config.mediaType, digest: config.digest, size: config.size },
    layers: layers.map(({ digest, size }) => ({
      mediaType: `${dockerTypes}.image.rootfs.diff.tar.gzip`,
      digest,
      size,
    })),
  })
  return { manifest, config }
}

function addRepository(cache: Cache, registryId: string, index: number): void {
  const repository = repositoryName(index)
  const now = Date.now()
  const names = Array.from({ length: tagsEach }, (_, at) => tagName(at))
  const generation = cache.tags.begin(registryId, repository)
  cache.tags.addPage(registryId, repository, generation, names, now)
  cache.tags.end(registryId, repository, generation, true, now)
  for (let image = 0; image < tagsEach / tagsOfImage; image += 1) {
    const { manifest, config } = imageOf(index, image)
    const stored = {
      digest: manifest.digest,
      mediaType: manifest.mediaType,
      kind: 'image' as const,
      bytes: manifest.data,
      storedAt: now,
    }
    const content = parseContent(stored)
    if (content.kind !== 'manifest') throw new Error('no manifest')
    const parsed = parseConfig(config.digest, config.data)
    cache.content.addManifest(stored)
    cache.content.addConfig(config.digest, config.data)
    for (const { digest } of [manifest, config]) cache.content.place(registryId, repository, digest)
    cache.content.addLayers(registryId, repository, diffIdLayers(content.manifest, parsed))
    cache.content.addFact(manifest.digest, factOfManifest({ manifest: content.manifest, config: parsed }))
    for (const name of names.slice(image * tagsOfImage, (image + 1) * tagsOfImage)) {
      cache.tags.point(registryId, repository, name, manifest.digest, now)
    }
  }
}

/** Writes it as browsing does, and brings the search index up to date. */
export function seedSearch(folder: string, registryId: string): void {
  const cache = openCache(folder, silentLog)
  const generation = cache.catalog.begin(registryId)
  const all = Array.from({ length: repositoryCount }, (_, index) => index)
  cache.catalog.addPage(registryId, generation, all.map(repositoryName), Date.now())
  cache.catalog.end(registryId, generation, true, Date.now())
  for (const index of all) cache.transaction(() => addRepository(cache, registryId, index))
  while (!cache.index(1000));
  cache.close()
}

/** What people type: names, versions, digests, labels, variables, ports, bases, nothing that exists, and one letter. */
export function typedTexts(): string[] {
  const digest = imageOf(123, 4).manifest.digest
  return [
    ...[
      'checkout',
      'payment-gateway',
      'identity-worker-0',
      'service-111',
      'e',
      '727524/search',
      '727524/billing-web',
    ],
    ...[
      '1.4',
      '3.2.1',
      '2.0.0-build.20240128',
      'build.2024',
      'latest',
      'checkout-gateway-000:1.2',
      'worker 2.1.0',
    ],
    ...[digest, digest.slice(7, 27), 'team', 'reports', 'JAVA_OPTS=-Xmx', 'SERVICE_NAME=727', 'REGION=cn-4'],
    ...[
      '8080',
      '8043/tcp',
      'openjdk',
      'docker.io/library/nginx',
      'alpine:12',
      'zzz-nothing-like-it',
      'ä',
      '结算服务',
    ],
    ...['mobile scheduler', 'a', '-', '%', '"quoted"', '0', 'prox', 'golang:1', 'debian'],
  ]
}
