/** Reads what a drop carries. Other programs can forge our types: what is none of ours gives nothing. */
import { isDigest, isRepository, isTag } from '@shared/reference'
import type { TagSource } from '@/stores/draft-source'
import { imagesType, tagsType } from './useImageDrag'

function listIn(event: DragEvent, type: string): unknown[] {
  try {
    const list: unknown = JSON.parse(event.dataTransfer?.getData(type) ?? '')
    return Array.isArray(list) ? list : []
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return []
    throw thrown
  }
}

export const droppedImages = (event: DragEvent): string[] =>
  listIn(event, imagesType).filter((id): id is string => typeof id === 'string')

export function droppedTags(event: DragEvent): TagSource[] {
  return listIn(event, tagsType).flatMap((one): TagSource[] => {
    if (typeof one !== 'object' || one === null) return []
    const { registryId, repository, reference } = one as Record<string, unknown>
    if (typeof registryId !== 'string' || typeof repository !== 'string' || typeof reference !== 'string')
      return []
    const fits = isRepository(repository) && (isTag(reference) || isDigest(reference))
    return fits ? [{ kind: 'tag', registryId, repository, reference }] : []
  })
}

/** Absolute paths in a pasted or typed text, one a line: also quoted, as `file:` addresses, and of Windows. */
export function pathsIn(text: string): string[] {
  if (text.length > 100_000) return []
  const lines = text.split(/\r?\n/).map((line) => line.trim().replace(/^(["'])(.*)\1$/, '$2'))
  const paths = lines.filter(Boolean).map(pathOfLine)
  return paths.every((path) => path !== null) ? paths : []
}

function pathOfLine(line: string): string | null {
  if (/^file:\/\//i.test(line)) {
    try {
      const path = decodeURIComponent(new URL(line).pathname)
      return /^\/[a-z]:/i.test(path) ? path.slice(1) : path
    } catch {
      // Not an address after all.
      return null
    }
  }
  return /^(?:\/[^/]|[a-z]:[\\/]|\\\\)/i.test(line) && line.length <= 4096 ? line : null
}
