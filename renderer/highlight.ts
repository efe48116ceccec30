/** Where the words of a search stand in a text, so that they can be marked without any markup in the text. */

export interface Piece {
  text: string
  marked: boolean
}

export const wordsOf = (query: string): string[] => query.toLowerCase().split(/\s+/).filter(Boolean)

/** The text in pieces, those that match a word marked; letters match in either case. Joined they are the text again. */
export function piecesOf(text: string, words: readonly string[]): Piece[] {
  const lower = text.toLowerCase()
  // A few letters change their length in lower case; then no place in one is a place in the other.
  if (words.length === 0 || lower.length !== text.length) return [{ text, marked: false }]
  const marked = new Uint8Array(text.length)
  for (const word of words) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length)) {
      marked.fill(1, at, at + word.length)
    }
  }
  const pieces: Piece[] = []
  for (let from = 0; from < text.length;) {
    let to = from + 1
    while (to < text.length && marked[to] === marked[from]) to += 1
    pieces.push({ text: text.slice(from, to), marked: marked[from] === 1 })
    from = to
  }
  return pieces
}
