import { visibleText } from '@shared/visible-text'

/** What has no look of its own, and is not missed: marks of direction and of byte order, and the first half of a line's end. */
const empty = /[\u200e\u200f\ufeff]|\r(?=\n)/g

/** Text from a registry as it may be shown: with nothing hidden, at most `limit` characters with an ellipsis. */
export function boundedText(text: string, limit: number): string {
  const shown = visibleText(text.slice(0, limit * 2).replace(empty, ''))
  return shown.length > limit ? `${shown.slice(0, limit - 1)}…` : shown
}

/** A link from a registry, or null where it is not http(s), carries a user, or is absurdly long. */
export function httpLink(text: string): string | null {
  if (text.length > 2048) return null
  try {
    const url = new URL(text.trim())
    const plain =
      (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
    return plain ? url.href : null
  } catch {
    return null // Not a URL at all, which is as common in labels as it is harmless.
  }
}
