import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const sidecars = ['-wal', '-shm']

/**
 * Renames a database file and what belongs to it to `FILE.broken-<time>` and answers the new name. Only the last one is
 * kept: the content of a cache comes again, and its remains can be large.
 */
export function putAside(file: string, time: number): string {
  const folder = dirname(file)
  const prefix = `${basename(file)}.broken-`
  for (const name of readdirSync(folder)) {
    if (name.startsWith(prefix)) rmSync(join(folder, name), { recursive: true })
  }
  const aside = join(folder, `${prefix}${time}`)
  renameSync(file, aside)
  for (const sidecar of sidecars) {
    if (existsSync(file + sidecar)) renameSync(file + sidecar, aside + sidecar)
  }
  return aside
}
