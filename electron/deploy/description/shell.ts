/** Words for a POSIX shell. */

/** A word as a shell reads it back unchanged; plain words stay as they are. */
export function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** A command on several lines: its first words, then one option or argument group on each line. */
export function commandLines(groups: readonly (readonly string[])[]): string {
  return groups.map((words) => words.map(quoteWord).join(' ')).join(' \\\n  ')
}

/** Words of a command as a shell splits them, without any expansion; null where a quote is not closed. */
export function splitWords(text: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (quote === "'") {
      if (character === quote) quote = null
      else word += character
    } else if (character === '\\') {
      const next = text[(at += 1)]
      if (next === undefined) return null
      word = (word ?? '') + (quote === '"' && !/["\\$`]/.test(next) ? `\\${next}` : next)
    } else if (quote === '"') {
      if (character === quote) quote = null
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + character
  }
  if (quote !== null) return null
  return word === null ? words : [...words, word]
}
