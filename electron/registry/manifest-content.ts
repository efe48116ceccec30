import { AppError, type ErrorContext } from '@shared/error'
import { Index, isIndexMediaType, Manifest, mediaTypes } from '@shared/oci'
import { parseJson } from './json'

type Content = { kind: 'manifest'; manifest: Manifest } | { kind: 'index'; index: Index }

const schema1 = new Set<string>([mediaTypes.dockerSchema1, mediaTypes.dockerSchema1Signed])
const manifestTypes = new Set<string>([mediaTypes.ociManifest, mediaTypes.dockerManifest])

/** What servers say that do not know manifests: then the content decides. */
const saysNothing = (mediaType: string): boolean => !mediaType.startsWith('application/vnd.')

/**
 * Reads a manifest's bytes by the media type of the answer. The type in the header, the type in the content and the fields
 * must agree (CVE-2021-41190: one document must not be read as a manifest and as an index). RESPONSE_INVALID otherwise,
 * SCHEMA1_UNSUPPORTED for Docker's first schema.
 */
export function readManifest(
  bytes: Buffer,
  headerType: string,
  context: ErrorContext,
): { mediaType: string; content: Content } {
  const invalid = (detail: string): AppError =>
    new AppError('RESPONSE_INVALID', { side: 'registry', ...context }, { detail })
  if (schema1.has(headerType)) throw new AppError('SCHEMA1_UNSUPPORTED', { side: 'registry', ...context })
  if (headerType === 'text/html') throw new AppError('NOT_A_REGISTRY', { side: 'registry', ...context })
  const value = parseJson(bytes, context)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('no manifest')
  const fields = value as Record<string, unknown>
  if (fields.schemaVersion === 1) throw new AppError('SCHEMA1_UNSUPPORTED', { side: 'registry', ...context })
  const isIndex = fields.manifests !== undefined
  const isManifest = fields.layers !== undefined || fields.config !== undefined
  if (isIndex && isManifest) throw invalid('both a manifest and an index')

  const ownType = typeof fields.mediaType === 'string' ? fields.mediaType : null
  const byContent = isIndex ? mediaTypes.ociIndex : mediaTypes.ociManifest
  const mediaType = saysNothing(headerType) ? (ownType ?? byContent) : headerType
  if (ownType !== null && ownType !== mediaType)
    throw invalid(`${mediaType} in the header, ${ownType} inside`)
  if (!isIndexMediaType(mediaType) && !manifestTypes.has(mediaType))
    throw invalid(`unknown type ${mediaType}`)
  if (isIndexMediaType(mediaType) !== isIndex) throw invalid(`the content is not ${mediaType}`)

  const parsed = isIndex ? Index.safeParse(value) : Manifest.safeParse(value)
  if (!parsed.success) throw invalid(parsed.error.issues[0]?.path.join('.') ?? 'broken')
  const content: Content = isIndex
    ? { kind: 'index', index: parsed.data as Index }
    : { kind: 'manifest', manifest: parsed.data as Manifest }
  return { mediaType, content }
}
