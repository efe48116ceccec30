import { formatPlatform, isAttestation, type Platform } from '@shared/oci'
import type { FetchedManifest } from '../registry/client'
import { isSamePlatform } from './platform'
import { type Client, manifestOf } from './registry-access'

export interface Described {
  /** Milliseconds since 1970. */
  created: number | null
  platforms: string[]
}

/** When the image under a tag was created, and for which platforms; of an index, the first platform's image says it. */
export async function describe(
  client: Client,
  repository: string,
  held: FetchedManifest,
): Promise<Described> {
  if (held.content.kind === 'index') {
    const images = held.content.index.manifests.filter(
      (entry) => !isAttestation(entry) && isReal(entry.platform),
    )
    const platforms = images.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : []))
    const first = images[0] && (await manifestOf(client, repository, images[0].digest))
    const created =
      first?.content.kind === 'manifest' ? (await describe(client, repository, first)).created : null
    return { created, platforms: [...new Set(platforms)] }
  }
  const { config } = held.content.manifest
  if (!/config\.v1\+json$|container\.image\.v1\+json$/.test(config.mediaType))
    return { created: null, platforms: [] }
  const { config: image } = await client.fetchConfig(repository, config)
  const time = Date.parse(image.created ?? '')
  const { os, architecture, variant } = image
  const platforms =
    os && architecture ? [formatPlatform({ os, architecture, variant: variant ?? undefined })] : []
  return { created: Number.isNaN(time) ? null : time, platforms }
}

/** The platforms that a tag has and that it would not have any more. */
export const lost = (platforms: readonly string[], kept: readonly string[]): string[] =>
  platforms.filter((platform) => !kept.some((one) => isSamePlatform(platform, one)))

const isReal = (platform: Platform | undefined): boolean =>
  platform !== undefined && platform.os !== 'unknown'
