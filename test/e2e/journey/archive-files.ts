/** Archives on disk, as the programs of others write them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runCommand } from '../../lab/command'
import { digestOf, type Image } from '../../lab/oci-image'
import { bytesOf } from '../../lab/random-bytes'
import { packTar, type TarEntry } from '../../lab/tar'

/** A layer's plain tar with one file of so many bytes; of these `share` (0 to 1) stays after compression. */
export const plainLayer = (seed: string, size: number, share = 1): Buffer =>
  packTar([{ path: `opt/${seed}`, data: bytesOf(seed, size, share) }])

export interface SavedImage {
  reference: string
  layers: Buffer[]
}

/** Writes what `docker save` writes; answers the digest of each image's config, which is what names it. */
export function writeDockerSave(path: string, images: readonly SavedImage[]): string[] {
  const layers = new Map<string, Buffer>()
  const made = images.map((image) => {
    const diffIds = image.layers.map(digestOf)
    image.layers.forEach((data) => layers.set(`${digestOf(data).slice(7)}/layer.tar`, data))
    const config = Buffer.from(
      JSON.stringify({
        ...{ architecture: 'amd64', os: 'linux', created: '2026-01-01T00:00:00Z', config: {} },
        rootfs: { type: 'layers', diff_ids: diffIds },
      }),
    )
    return { reference: image.reference, config, diffIds }
  })
  const configName = (config: Buffer): string => `${digestOf(config).slice(7)}.json`
  const manifest = made.map(({ reference, config, diffIds }) => ({
    Config: configName(config),
    RepoTags: [reference],
    Layers: diffIds.map((diffId) => `${diffId.slice(7)}/layer.tar`),
  }))
  const entries: TarEntry[] = [
    ...[...layers].map(([name, data]) => ({ path: name, data })),
    ...made.map(({ config }) => ({ path: configName(config), data: config })),
    { path: 'manifest.json', data: Buffer.from(JSON.stringify(manifest)) },
  ]
  writeFileSync(path, packTar(entries))
  return made.map(({ config }) => digestOf(config))
}

/** What an OCI layout of these images consists of; each is called by its reference there. */
export function layoutEntries(images: readonly { reference: string; image: Image }[]): TarEntry[] {
  const entries = new Map<string, TarEntry>()
  const add = ({ manifest, blobs, children }: Image): void => {
    for (const { digest, data } of [manifest, ...blobs]) {
      const path = `blobs/sha256/${digest.slice(7)}`
      entries.set(path, { path, data })
    }
    children.forEach(add)
  }
  images.forEach(({ image }) => add(image))
  const manifests = images.map(({ reference, image: { manifest } }) => ({
    ...{ mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.size },
    annotations: { 'org.opencontainers.image.ref.name': reference },
  }))
  return [
    { path: 'oci-layout', data: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { path: 'index.json', data: Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })) },
    ...entries.values(),
  ]
}

/** Writes a layout as a tar, or as a folder. */
export function writeLayout(path: string, entries: readonly TarEntry[], as: 'tar' | 'folder'): void {
  if (as === 'tar') return writeFileSync(path, packTar([...entries]))
  for (const { path: name, data } of entries) {
    const file = join(path, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, data ?? '')
  }
}

/** Compresses a file beside itself with the system's own program; answers the new path. */
export async function compressed(path: string, how: 'gzip' | 'zstd'): Promise<string> {
  await runCommand(how, ['-q', '-k', path])
  return `${path}.${how === 'gzip' ? 'gz' : 'zst'}`
}
