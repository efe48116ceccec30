import type { FetchedManifest } from '../registry/client'

/**
 * Whether what a registry holds is a local image itself: it was pushed or pulled under this digest, or its config is the
 * image ID. Engines with the containerd image store use the manifest's digest as image ID. `name` is host and repository.
 */
export function isSameImage(
  held: FetchedManifest,
  image: { id: string; repositoryDigests: readonly string[] },
  name: string,
): boolean {
  if (held.digest === image.id || image.repositoryDigests.includes(`${name}@${held.digest}`)) return true
  return held.content.kind === 'manifest' && held.content.manifest.config.digest === image.id
}
