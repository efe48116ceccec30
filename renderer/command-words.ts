/**
 * A typed command as its words: apart at spaces, with quotes and backslashes as a POSIX shell has them, and nothing else of a
 * shell. A quote that is not closed goes to the end. Null where nothing is typed.
 */
export function commandWords(text: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at)
    const next = text.charAt(at + 1)
    if (quote === null && /\s/.test(sign)) {
      if (word !== null) words.push(word)
      word = null
    } else if (quote === null && (sign === "'" || sign === '"')) {
      quote = sign
      word ??= ''
    } else if (sign === quote) quote = null
    else if (sign === '\\' && quote !== "'" && next !== '' && (quote === null || /["\\$`]/.test(next))) {
      word = (word ?? '') + next
      at += 1
    } else word = (word ?? '') + sign
  }
  if (word !== null) words.push(word)
  return words.length > 0 ? words : null
}
