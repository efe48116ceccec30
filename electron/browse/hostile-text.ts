/** Control characters (but tab and line feed) and the marks that turn a line's direction: they hide or forge text. */
const hidden = /[^\P{Cc}\t\n]|[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/** Text from a registry as it may be shown: without hidden characters, at most `limit` characters with an ellipsis. */
export function boundedText(text: string, limit: number): string {
  const shown = text.slice(0, limit * 2).replace(hidden, '')
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
