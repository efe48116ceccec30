import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's root folder, absolute. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

/** The folder in which Slipway's tooling keeps what it fetched, absolute; it may not exist yet. */
export function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'slipway')
}
