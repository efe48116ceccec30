/** OCI image layout (image-spec 1.1, image-layout.md): index.json leads to blobs by digest. */
import { type Descriptor, Index, manifestLimit, mediaTypes } from '@shared/oci'
import { z } from 'zod'
import { invalid, unsupported } from './error'
import type { ArchiveImage, ArchiveNode } from './image'
import { parseDocument } from './json'
import type { Members } from './members'
import { blobSizes, OciGraph } from './oci-graph'

export const layoutFile = 'oci-layout'
export const layoutIndex = 'index.json'

const Layout = z.object({ imageLayoutVersion: z.string().regex(/^1\./) })

const readable = new Set<string>([
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  mediaTypes.dockerManifest,
  mediaTypes.dockerIndex,
])

/** containerd writes the whole name beside the specification's, which is often a mere tag. */
const nameAnnotations = ['io.containerd.image.name', 'org.opencontainers.image.ref.name']

/** Reads the images of a layout; those with several names come once. ARCHIVE_INVALID where it contradicts itself. */
export async function readOciLayout(members: Members): Promise<ArchiveImage[]> {
  const layout = Layout.safeParse(parseDocument(await members.read(layoutFile, 4096), layoutFile))
  if (!layout.success) throw unsupported('a version of the OCI layout that is not known here')
  const index = Index.safeParse(parseDocument(await members.read(layoutIndex, manifestLimit), layoutIndex))
  if (!index.success) throw invalid(`${layoutIndex}: ${index.error.issues[0]?.path.join('.') ?? 'broken'}`)

  const roots = index.data.manifests.filter(({ mediaType }) => readable.has(mediaType))
  if (roots.length === 0)
    throw index.data.manifests.length > 0 ? unsupported('no images in it') : invalid('no images in it')
  const graph = new OciGraph(members)
  const images = new Map<string, ArchiveImage>()
  for (const descriptor of roots) {
    const image = images.get(descriptor.digest) ?? (await readImage(graph, descriptor))
    const name = referenceOf(descriptor)
    if (name !== null && !image.references.includes(name)) image.references.push(name)
    images.set(descriptor.digest, image)
  }
  return [...images.values()]
}

async function readImage(graph: OciGraph, { mediaType, digest, size }: Descriptor): Promise<ArchiveImage> {
  const root = await graph.read({ mediaType, digest, size })
  return {
    references: [],
    root,
    platforms: graph.platformsOf(root),
    bytes: [...blobSizes(root).values()].reduce((sum, bytes) => sum + bytes, 0),
  }
}

function referenceOf({ annotations }: Descriptor): string | null {
  const names = nameAnnotations.map((key) => annotations?.[key])
  return names.find((name) => name !== undefined && name !== '' && name.length <= 1000) ?? null
}

/** Whether a layer lies as a plain tar anywhere below: sent as it is, it would travel so. */
export function hasPlainLayers(node: ArchiveNode): boolean {
  if (node.kind === 'index') return node.children.some(hasPlainLayers)
  return node.layers.some(({ descriptor }) => descriptor !== null && /\.tar$/.test(descriptor.mediaType))
}
