/** How text is compared in a search: without regard to case, by a fold that depends on no language. */
export const fold = (text: string): string => text.toLowerCase()

/** What was typed, made ready: folded and trimmed as a whole, and its words. */
export interface SearchText {
  text: string
  words: string[]
}

const longest = 200
const mostWords = 8

/** Makes typed text ready; control characters and halves of surrogate pairs count as spaces. Null where nothing is left. */
export function parseSearch(typed: string): SearchText | null {
  const text = fold(Array.from(typed).slice(0, longest).join(''))
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim()
  return text === '' ? null : { text, words: [...new Set(text.split(/\s+/))].slice(0, mostWords) }
}

/**
 * The words as an FTS5 query over trigrams: some of each word's, enough to cover it, all of which must be there. Where they
 * are, the word may be; the caller compares. Null where no word has three characters.
 */
export function trigramQuery(words: readonly string[]): string | null {
  const grams = words.flatMap((word) => {
    const letters = Array.from(word)
    const last = letters.length - 3
    const starts = letters.flatMap((_letter, at) => (at <= last && (at % 3 === 0 || at === last) ? [at] : []))
    return starts.map((at) => letters.slice(at, at + 3).join(''))
  })
  // FTS5, "Full-text Query Syntax": in a string, a quote is written twice and nothing else means anything.
  return grams.length === 0 ? null : grams.map((gram) => `"${gram.replaceAll('"', '""')}"`).join(' AND ')
}

/** Everything that begins with a text lies from it (included) up to this (excluded), in SQLite's order of UTF-8 bytes. */
export const prefixEnd = (text: string): string => `${text}\u{10ffff}`
