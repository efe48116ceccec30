/** One line of a log as pieces to draw: its colours, and what a search found marked in it. */
import { piecesOf } from '@/highlight'
import type { ThemeName } from '@/theme'
import { ansiPieces } from './ansi-text'
import { styleOf } from './terminal-colours'

export interface LogPiece {
  text: string
  style: Record<string, string>
  marked: boolean
}

/** `query` in any case, '' for none; the pieces joined are `plainText` of the line. */
export function logPieces(line: string, query: string, theme: ThemeName): LogPiece[] {
  const coloured = ansiPieces(line)
  const words = query === '' ? [] : [query.toLowerCase()]
  const marks = piecesOf(coloured.map(({ text }) => text).join(''), words)
  const pieces: LogPiece[] = []
  let mark = 0
  let used = 0
  for (const piece of coloured) {
    const style = styleOf(piece, theme)
    let at = 0
    while (at < piece.text.length) {
      const current = marks[mark]
      if (!current) break
      const length = Math.min(piece.text.length - at, current.text.length - used)
      pieces.push({ text: piece.text.slice(at, at + length), style, marked: current.marked })
      at += length
      used += length
      if (used === current.text.length) {
        mark += 1
        used = 0
      }
    }
  }
  return pieces
}
