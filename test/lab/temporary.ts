import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { undoLater } from './undo'

export interface TemporaryFolder {
  /** Absolute, and short: a unix socket's path ends at 107 bytes. */
  path: string
  join(...names: string[]): string
  remove(): void
}

/** Makes an empty folder of our own that is gone after `remove()`, and also when this process ends without it. */
export function temporaryFolder(name: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `slw-${name}-`))
  const undo = undoLater(['rm', '-rf', '--one-file-system', path])
  return {
    path,
    join: (...names) => join(path, ...names),
    remove() {
      // A seeded registry is many small files: rm takes a fraction of the time that Node's own removal does.
      spawnSync('rm', ['-rf', '--one-file-system', path])
      undo.done()
    },
  }
}
