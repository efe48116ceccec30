import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'

const markOf = (file: string): string => `${file}.closed`

function stampOf(file: string): string {
  const { size, mtimeMs } = statSync(file)
  return `${size} ${mtimeMs}`
}

/**
 * Whether a database file is the very one that the program closed in order: then it need not be looked through page by page,
 * which takes a second for 100 MB. False where there is no such note.
 */
export function isAsClosed(file: string): boolean {
  try {
    return readFileSync(markOf(file), 'utf8') === stampOf(file)
  } catch {
    return false // No note, or no file: the one is looked through, the other is made.
  }
}

/** Notes that a file was closed in order. */
export function noteClosed(file: string): void {
  writeFileSync(markOf(file), stampOf(file))
}

/** Takes the note away while the file is open: after a crash it must not be believed. */
export function noteOpened(file: string): void {
  rmSync(markOf(file), { force: true })
}
