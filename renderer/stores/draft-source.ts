/** Where a draft of the composer takes its image from, and how that is called. */
import type { ArchiveImage, ArchiveListing } from '@shared/archive'
import type { LocalImage } from '@shared/engine'
import { isDigest, shortDigest } from '@shared/reference'
import { type TargetName, proposeTarget, splitOwnbase } from '@shared/target-name'

/** An image of the engine. */
export interface ImageSource {
  kind: 'image'
  image: LocalImage
  /** The name under which it was taken, or null where it has none. */
  reference: string | null
  /** Sent by ourselves from the engine's export, so that it can be paused and goes on after a cut. */
  resumable: boolean
}

/** One image of an archive on disk. */
export interface ArchiveSource {
  kind: 'archive'
  path: string
  archive: ArchiveListing['kind']
  image: ArchiveImage
  reference: string | null
}

/** A tag of a registry, or a digest. */
export interface TagSource {
  kind: 'tag'
  registryId: string
  repository: string
  reference: string
}

export type DraftSource = ImageSource | ArchiveSource | TagSource

/** One line that names a source: a source is in the composer once. */
export function sourceKey(source: DraftSource): string {
  switch (source.kind) {
    case 'image':
      return source.image.id
    case 'archive':
      return archiveKey(source.path, source.image.image)
    case 'tag':
      return `tag ${source.registryId} ${source.repository} ${source.reference}`
  }
}

export const archiveKey = (path: string, image: number): string => `archive ${image} ${path}`

/** The names that a source may be taken under. */
export const namesOf = (source: DraftSource): readonly string[] =>
  source.kind === 'tag' ? [] : source.image.references

/** A file's or folder's own name, of a path of any system. */
export const fileName = (path: string): string => path.split(/[/\\]/).filter(Boolean).at(-1) ?? path

const tagName = (repository: string, reference: string): string =>
  isDigest(reference) ? `${repository}@${shortDigest(reference)}` : `${repository}:${reference}`

/** How a source is called where it comes from: its name, or its short ID or digest. */
export function sourceName(source: DraftSource): string {
  switch (source.kind) {
    case 'image':
      return source.reference ?? shortDigest(source.image.id)
    case 'archive':
      return source.reference ?? shortDigest(source.image.digest)
    case 'tag':
      return tagName(source.repository, source.reference)
  }
}

/** What jobs call it: an image of an archive with the archive's own name. */
export const jobSource = (source: ImageSource | ArchiveSource): string =>
  source.kind === 'image'
    ? sourceName(source)
    : `${fileName(source.path)}${source.reference === null ? '' : ` · ${source.reference}`}`.slice(0, 1000)

/** `My App-1.2.tar.gz` as an image name: `my-app-1.2`. */
function nameOfFile(path: string): string {
  return fileName(path)
    .replace(/(?:\.(?:tar|tgz|gz|zst|tzst|oci|docker))+$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .replace(/[._-]*([._-])/g, '$1')
}

/**
 * The target that is proposed for a source in a namespace: its own last name and tag. An archive without names gives its
 * file's name; one whose name is a mere tag (OCI layouts write it so), that tag.
 */
export function proposeFor(source: DraftSource, host: string, namespace: string): TargetName {
  switch (source.kind) {
    case 'image':
      return proposeTarget(source.reference, host, namespace)
    case 'archive': {
      const { reference, path } = source
      if (reference !== null && /[/:]/.test(reference)) return proposeTarget(reference, host, namespace)
      const named = splitOwnbase(nameOfFile(path))
      return { host, tenant: namespace, ...named, tag: reference ?? 'latest' }
    }
    case 'tag': {
      const last = source.repository.split('/').at(-1) ?? ''
      const tag = isDigest(source.reference) ? 'latest' : source.reference
      return { host, tenant: namespace, ...splitOwnbase(last), tag }
    }
  }
}
