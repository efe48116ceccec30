/** Words for a POSIX shell. */

/** Controls but tab and line feed, and what turns the direction of the text around it: not to be seen in a command. */
const hidden = /[\x01-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** What is hidden as octal numbers for printf; the shell takes line feeds off the end, so those stay outside. */
function printedWord(word: string): string {
  const [, text = '', end = ''] = /^([^]*?)(\n*)$/.exec(word) ?? []
  const octal = (sign: string): string =>
    [...Buffer.from(sign)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  const format = text.replaceAll('\\', '\\\\').replaceAll('%', '%%').replace(hidden, octal)
  return `"$(printf '${format.replaceAll("'", `'\\''`)}')"${end === '' ? '' : `'${end}'`}`
}

/** A word for a command that is shown and copied: as `quoteWord`, but hidden characters are there to be seen. */
export const shownWord = (word: string): string =>
  word.search(hidden) >= 0 ? printedWord(word) : quoteWord(word)

/** A word as a shell reads it back unchanged; plain words stay as they are. */
export function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** A command on several lines: its first words, then one option or argument group on each line. */
export function commandLines(groups: readonly (readonly string[])[]): string {
  return groups.map((words) => words.map(shownWord).join(' ')).join(' \\\n  ')
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
