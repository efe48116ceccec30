/** What `docker save` writes (image-spec v1.2 of Docker): manifest.json with names of members, layers as plain tars. */
import { Config, type Descriptor, manifestLimit, mediaTypes, type Platform } from '@shared/oci'
import { z } from 'zod'
import { compressionOf } from './decompress'
import { invalid, mismatch, quote, unsupported } from './error'
import type { ArchiveDocument, ArchiveImage, ArchiveLayer } from './image'
import { parseDocument } from './json'
import { memberLayer } from './layer'
import { memberName } from './member-name'
import type { Members } from './members'
import { digestOf } from './verify'

export const dockerManifest = 'manifest.json'

const Name = z.string().min(1).max(4096)
const Entries = z
  .array(
    z.object({
      Config: Name,
      RepoTags: z.array(z.string().max(1000)).max(1000).nullish(),
      Layers: z.array(Name).max(10_000).nullish(),
    }),
  )
  .max(1000)

/** All configs together, bytes: they stay in memory while the archive is open. */
const mostBytes = 64 * 1024 * 1024
/** Layers, each as often as it is named: far more than any archive has. */
const mostLayers = 50_000

interface ReadConfig {
  document: ArchiveDocument
  config: Config
}

/** Reads the images of a docker archive; ARCHIVE_INVALID where they contradict what is in it. */
export async function readDockerArchive(members: Members): Promise<ArchiveImage[]> {
  const bytes = await members.read(dockerManifest, manifestLimit)
  const entries = Entries.safeParse(parseDocument(bytes, dockerManifest))
  if (!entries.success)
    throw invalid(`${dockerManifest}: ${entries.error.issues[0]?.path.join('.') ?? 'broken'}`)
  if (entries.data.length === 0) throw invalid('no images in it')
  if (entries.data.reduce((sum, { Layers }) => sum + (Layers?.length ?? 0), 0) > mostLayers)
    throw invalid('too many layers')
  const configs = new Map<string, ReadConfig>()
  const images: ArchiveImage[] = []
  for (const entry of entries.data) {
    const name = memberName(entry.Config)
    const config = configs.get(name) ?? (await readConfig(members, name))
    configs.set(name, config)
    const bytes = [...configs.values()].reduce((sum, { document }) => sum + document.bytes.length, 0)
    if (bytes > mostBytes) throw invalid('too many and too large configs')
    images.push(await readImage(members, config, entry.Layers ?? [], entry.RepoTags ?? []))
  }
  return images
}

async function readConfig(members: Members, name: string): Promise<ReadConfig> {
  const bytes = await members.read(name, manifestLimit)
  const digest = digestOf(bytes)
  // All writers name a config by its digest, in one form or another.
  const named = /([a-f0-9]{64})(?:\.json)?$/.exec(name)?.[1]
  if (named !== undefined && digest !== `sha256:${named}`)
    throw mismatch(`got ${digest}`, { digest: `sha256:${named}` })
  const config = Config.safeParse(parseDocument(bytes, name))
  if (!config.success) throw invalid(`${quote(name)}: ${config.error.issues[0]?.path.join('.') ?? 'broken'}`)
  const descriptor = { mediaType: mediaTypes.dockerConfig, digest, size: bytes.length }
  return { document: { descriptor, bytes }, config: config.data }
}

async function readImage(
  members: Members,
  { document, config }: ReadConfig,
  layerNames: string[],
  references: string[],
): Promise<ArchiveImage> {
  const diffIds = config.rootfs?.diff_ids ?? []
  if (diffIds.length !== layerNames.length)
    throw invalid(`${layerNames.length} layers where the config has ${diffIds.length}`)

  const layers: ArchiveLayer[] = []
  for (const [index, name] of layerNames.entries()) {
    layers.push(await readLayer(members, memberName(name), diffIds[index] ?? ''))
  }
  const once = new Map(layers.map((layer) => [layer.diffId, layer.rawSize]))
  return {
    references,
    root: { kind: 'docker-image', config: document, layers },
    platforms: platformsOf(config),
    bytes: [...once.values()].reduce((sum, size) => sum + size, document.bytes.length),
  }
}

/** Other writers than docker put compressed layers in: these go on as they are, and their digest shows as they go. */
async function readLayer(members: Members, name: string, diffId: string): Promise<ArchiveLayer> {
  const rawSize = await members.sizeOf(name)
  if (rawSize === null) throw invalid(`the layer ${quote(name)} is missing`, { digest: diffId })
  const compression = compressionOf(await members.start(name, 8))
  if (compression === null)
    throw unsupported(`the layer ${quote(name)} is compressed in a way that is not read here`)
  const descriptor: Descriptor | null = null
  return memberLayer(members, name, compression === 'none' ? diffId : null, {
    descriptor,
    diffId,
    compression,
    rawSize,
  })
}

/** The platform that a config tells; none where it does not. */
export function platformsOf({ os, architecture, variant }: Config): Platform[] {
  if (!os || !architecture || os === 'unknown') return []
  return [{ os, architecture, ...(variant ? { variant } : {}) }]
}
