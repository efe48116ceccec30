/** Images of which every field that a stranger fills is hostile, as they lie in a registry. */
import { gzipSync } from 'node:zlib'
import { busyboxTar } from '../../lab/machine-image'
import {
  type Blob,
  blobOf,
  buildImage,
  buildIndex,
  digestOf,
  type Image,
  jsonBlob,
} from '../../lab/oci-image'
import type { Storage } from '../../lab/storage'
import { corpus, million, mixture, terminalEntries } from './corpus'

export const tags = {
  image: '1.0',
  index: 'index',
  artifact: 'artifact',
  million: 'million',
  long: 'v'.repeat(128),
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const prefix = 'org.opencontainers.image'

/** An image's config as the image specification has it, hostile in each field. */
export function hostileConfig(host: string): Record<string, unknown> {
  const texts = corpus(host).map(({ text }) => text)
  const all = mixture(host, 20_000)
  return {
    Labels: labelsOf(host),
    Env: [...corpus(host).map(({ name, text }) => `${name.toUpperCase()}=${text}`), ...texts],
    Cmd: texts,
    Entrypoint: texts.slice(0, 6),
    User: all,
    WorkingDir: `/${all}`,
    StopSignal: '<script>globalThis.hacked=1</script>',
    ExposedPorts: Object.fromEntries(['8080/tcp', ...texts].map((text) => [text.slice(0, 100), {}])),
    Volumes: Object.fromEntries(['/data', ...texts.map((text) => `/v/${text}`)].map((text) => [text, {}])),
    Healthcheck: { Test: ['CMD-SHELL', all], Interval: 1e9, Timeout: -5, Retries: 1e9 },
  }
}

function labelsOf(host: string): Record<string, string> {
  const all = mixture(host, 20_000)
  return {
    ...Object.fromEntries(corpus(host).map(({ name, text }) => [`label-${name}`, text])),
    ...Object.fromEntries(corpus(host).map(({ text }) => [text, text])),
    ...Object.fromEntries(
      ['title', 'description', 'vendor', 'licenses', 'version'].map((key) => [`${prefix}.${key}`, all]),
    ),
    [`${prefix}.source`]: 'javascript:globalThis.hacked=1',
    [`${prefix}.url`]: `http://${host}/homepage/\u202e<img src=x onerror=globalThis.hacked=1>`,
    [`${prefix}.documentation`]: `http://user:password@${host}/documentation`,
    [`${prefix}.base.name`]: all,
    [`${prefix}.base.digest`]: all,
  }
}

function hostileImage(host: string, seed: string, platform?: { os: string; architecture: string }): Image {
  const texts = corpus(host).map(({ text }) => text)
  return buildImage({
    ...{
      seed,
      format: 'oci',
      author: mixture(host, 20_000),
      annotations: labelsOf(host),
      emptyHistory: texts,
    },
    ...(platform ? { platform } : {}),
    layers: [{ size: 2048, createdBy: mixture(host, 20_000) }],
    config: hostileConfig(host),
  })
}

/** An artifact whose types and file names are hostile. */
function hostileArtifact(host: string): Image {
  const type = (text: string): string => text.slice(0, 290)
  const files = corpus(host).map(({ text }) => ({ text, blob: blobOf(type(text), Buffer.from(text)) }))
  const config = blobOf(type(mixture(host)), Buffer.from('{}'))
  const manifest = jsonBlob(manifestType, {
    ...{ schemaVersion: 2, mediaType: manifestType, artifactType: type(mixture(host)) },
    config: { mediaType: config.mediaType, digest: config.digest, size: config.size },
    layers: files.map(({ text, blob: { mediaType, digest, size } }) => ({
      ...{ mediaType, digest, size },
      annotations: { [`${prefix}.title`]: text, [text]: text },
      urls: [`javascript:globalThis.hacked=1//${text}`.slice(0, 300)],
    })),
    annotations: labelsOf(host),
  })
  return { manifest, blobs: [config, ...files.map(({ blob }) => blob)], children: [] }
}

/** Puts one of each kind into a repository. `host` listens, and is named by the texts. */
export function putHostile(storage: Storage, repository: string, host: string): void {
  const image = hostileImage(host, repository)
  storage.put(repository, image, tags.image, tags.long)
  const texts = corpus(host).map(({ text }) => text.slice(0, 99))
  const children = texts
    .slice(0, 12)
    .map((text, at) => hostileImage(host, `${repository} ${at}`, { os: text, architecture: text }))
  storage.put(repository, buildIndex('oci', [image, ...children], labelsOf(host)), tags.index)
  storage.put(repository, hostileArtifact(host), tags.artifact)
  const { text } = million
  const long = buildImage({
    ...{ seed: `${repository} long`, format: 'oci', emptyHistory: [text] },
    layers: [{ size: 2048 }],
    config: { Labels: { [`${prefix}.description`]: text, [`${prefix}.title`]: text } },
  })
  storage.put(repository, long, tags.million)
}

/**
 * An image that really runs, and writes the corpus into its log and into what its health check says; `/tricks` in it holds
 * the texts that move a terminal. `healthy` false: its check fails for ever.
 */
export function talkingImage(host: string, healthy: boolean): Image {
  const lines = [...corpus(host).map(({ text }) => text), million.text]
  const tricks = corpus(host).filter(({ name }) => terminalEntries.includes(name))
  const tar = busyboxTar([
    { path: 'lines', data: Buffer.from(`${lines.join('\n')}\n`) },
    { path: 'tricks', data: Buffer.from(`${tricks.map(({ text }) => text).join('\r\n')}\r\n`) },
  ])
  const type = 'application/vnd.docker'
  const config = jsonBlob(`${type}.container.image.v1+json`, {
    ...{
      created: '2026-01-01T00:00:00Z',
      os: 'linux',
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    },
    config: {
      ...{ Env: ['PATH=/bin', `HOSTILE=${mixture(host).replaceAll('\0', '')}`], Labels: labelsOf(host) },
      Cmd: ['sh', '-c', 'cat /lines; trap "exit 0" TERM; while :; do sleep 1; done'],
      Healthcheck: { Test: ['CMD-SHELL', `cat /lines; ${healthy}`], Interval: 1e9, Timeout: 5e9, Retries: 2 },
    },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    history: [{ created: '2026-01-01T00:00:00Z', created_by: mixture(host, 10_000) }],
  })
  const layer = blobOf(`${type}.image.rootfs.diff.tar.gzip`, gzipSync(tar, { level: 1 }))
  const descriptor = ({ mediaType, digest, size }: Blob): object => ({ mediaType, digest, size })
  const manifest = jsonBlob(`${type}.distribution.manifest.v2+json`, {
    ...{ schemaVersion: 2, mediaType: `${type}.distribution.manifest.v2+json` },
    ...{ config: descriptor(config), layers: [descriptor(layer)] },
  })
  return { manifest, blobs: [config, layer], children: [] }
}
