/** Where log lines go: one file below the program's data, and one older one; each at most 2 MiB. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

const limit = 2 * 1024 * 1024

/**
 * A writer of lines to `folder/slipway.log`. A log that cannot be written (disk full) must not stop the program, so the
 * first failure is told to `onFailure` and writing is tried again with the next line.
 */
export function logFile(folder: string, onFailure: (error: unknown) => void): (line: string) => void {
  const file = join(folder, 'slipway.log')
  let size = 0
  let failed = false
  try {
    mkdirSync(folder, { recursive: true })
    size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  } catch (error) {
    onFailure(error)
  }
  return (line) => {
    try {
      if (size > limit) {
        renameSync(file, join(folder, 'slipway.1.log'))
        size = 0
      }
      appendFileSync(file, line + '\n', { mode: 0o600 })
      size += line.length + 1
    } catch (error) {
      if (!failed) onFailure(error)
      failed = true
    }
  }
}
