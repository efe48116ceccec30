import { randomUUID } from 'node:crypto'
import { AppError } from '@shared/error'
import { mediaTypes } from '@shared/oci'
import type { FetchedManifest, RequestOptions } from '../registry/client'
import { digestOf } from '../registry/digest'
import { type Client, digestOf as tagDigest } from './registry-access'

const annotation = 'app.slipway.placeholder'
const emptyConfig = Buffer.from('{}')

/** Whether a manifest is one that stands in for a tag which is being deleted. */
export function isPlaceholder({ content }: FetchedManifest): boolean {
  return content.kind === 'manifest' && content.manifest.annotations?.[annotation] !== undefined
}

/** A manifest that nothing else can share: an empty artifact (OCI image-spec 1.1) with a unique annotation. */
async function makePlaceholder(
  client: Client,
  repository: string,
): Promise<{ mediaType: string; bytes: Buffer }> {
  const { digest, size } = await client.uploadBlob(repository, emptyConfig)
  const empty = { mediaType: mediaTypes.ociEmpty, digest, size }
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: 'application/vnd.slipway.placeholder',
    config: empty,
    layers: [empty],
    annotations: { [annotation]: randomUUID() },
  }
  return { mediaType: mediaTypes.ociManifest, bytes: Buffer.from(JSON.stringify(manifest)) }
}

/**
 * Takes tags away where the registry deletes manifests only, with all their tags: they are moved to a placeholder, and that
 * is deleted. `held` is what the tags name now; TAG_CHANGED where one names something else at the last moment. First an untagged
 * placeholder is deleted, so that a registry which deletes nothing (DELETE_DISABLED) is found out before a tag is touched;
 * whatever fails after that, the tags that were moved are put back.
 */
export async function deleteTagsByPlaceholder(
  client: Client,
  repository: string,
  tags: readonly string[],
  held: FetchedManifest,
  options: RequestOptions = {},
): Promise<void> {
  const trial = await makePlaceholder(client, repository)
  const digest = digestOf(trial.bytes)
  await client.putManifest(repository, digest, trial, options)
  await client.deleteManifest(repository, digest, options)

  const stand = await makePlaceholder(client, repository)
  const standDigest = digestOf(stand.bytes)
  const moved: string[] = []
  // From here on nothing is aborted: half of it would leave tags on the placeholder.
  try {
    for (const tag of tags) {
      // Another registry may answer under this host by now: what it has there was never meant.
      const now = await tagDigest(client, repository, tag)
      if (now !== held.digest)
        throw new AppError('TAG_CHANGED', { side: 'registry', tag, ...(now !== null && { digest: now }) })
      moved.push(tag)
      await client.putManifest(repository, tag, stand)
    }
    await client.deleteManifest(repository, standDigest)
  } catch (thrown) {
    for (const tag of moved) await putBack(client, repository, tag, held, standDigest)
    throw thrown
  }
}

/** Puts a tag back to what it named, byte for byte, unless it names something else by now; `covered` does not count. */
export async function putBack(
  client: Client,
  repository: string,
  tag: string,
  { mediaType, bytes }: FetchedManifest,
  covered: string | null = null,
): Promise<void> {
  const now = await tagDigest(client, repository, tag)
  if (now === null || now === covered) await client.putManifest(repository, tag, { mediaType, bytes })
}
