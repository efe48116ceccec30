import { AppError } from '@shared/error'
import { isDigest, parseReference } from '@shared/reference'

/** An image ID with its algorithm, which Podman leaves out at times: `sha256:...`. */
export function normalizeId(id: string): string {
  return /^[a-f0-9]{64}$/.test(id) ? `sha256:${id}` : id
}

/** Names without the `<none>:<none>` that stands for a dangling image. */
export const realReferences = (names: readonly string[] | null | undefined): string[] =>
  (names ?? []).filter((name) => !name.includes('<none>'))

/** `host/repository@sha256:...` without the `<none>@...` of an image that was never named. */
export const realDigests = realReferences

/** Whether a text is an image ID, whole or shortened, rather than a name. */
export const isImageId = (text: string): boolean => isDigest(text) || /^[a-f0-9]{12,64}$/.test(text)

/** The text itself, where it is an image ID or a reference and so can stand in a request's path; INPUT_INVALID otherwise. */
export function requireName(text: string): string {
  if (isImageId(text) || parseReference(text)) return text
  throw new AppError('INPUT_INVALID', { side: 'engine', reference: text.slice(0, 300) })
}
