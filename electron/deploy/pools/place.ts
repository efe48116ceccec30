import { realpathSync, statSync } from 'node:fs'
import { AppError } from '@shared/error'
import type { PoolDraft } from '@shared/pool'
import { readTls } from '../../engine/contexts'
import { parseAddress, type Target } from '../../engine/target'
import type { StoredPool } from './store'

/** An engine that is a pool, found or added; what was found and then named by hand keeps its id. */
export interface Place {
  id: string
  name: string
  source: 'found' | 'added'
  target: Target
  /** The folder that was named with it, to edit it again. */
  certificates?: string | null
  /** Changes when the way to the engine does. */
  key: string
}

/** Where the engine of a draft is, with its certificates read; what is wrong with it is in `problem`. */
export function targetOf(draft: PoolDraft, id: string): Target {
  const base: Target = {
    endpoint: { id, source: 'context', label: draft.name, host: draft.host },
    tls: null,
    explicit: false,
    present: true,
    problem: null,
    sshConfig: draft.sshConfig,
  }
  try {
    const tls = draft.certificates === null ? null : certificatesIn(draft.certificates)
    parseAddress(draft.host, tls !== null)
    if (draft.sshConfig !== null) requirePath(draft.sshConfig, 'sshConfig', false)
    return { ...base, tls }
  } catch (error) {
    if (error instanceof AppError) return { ...base, problem: error }
    throw error
  }
}

function certificatesIn(folder: string): Target['tls'] {
  requirePath(folder, 'certificates', true)
  let tls: ReturnType<typeof readTls>
  try {
    tls = readTls(folder, true)
  } catch (cause) {
    throw invalid('certificates', 'The certificates in this folder cannot be read.', cause)
  }
  if (tls.ca === null && tls.cert === null)
    throw invalid('certificates', 'There is neither ca.pem nor cert.pem in this folder.')
  if ((tls.cert === null) !== (tls.key === null))
    throw invalid('certificates', 'cert.pem and key.pem belong together: one of them is missing.')
  return tls
}

function requirePath(path: string, field: string, folder: boolean): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw invalid(field, `${path} does not exist.`)
  if (found.isDirectory() !== folder) throw invalid(field, `${path} is ${folder ? 'not a' : 'a'} folder.`)
}

const invalid = (field: string, detail: string, cause?: unknown): AppError =>
  new AppError('INPUT_INVALID', { side: 'pool', field }, { detail, cause })

/** The same for every way to write one address: a socket by its real path. */
export function hostKey(host: string): string {
  try {
    const address = parseAddress(host, false)
    if (address.kind === 'socket') return `socket ${realPath(address.path)}`
    if (address.kind === 'ssh')
      return `ssh ${address.user ?? ''}@${address.hostname.toLowerCase()}:${address.port ?? 22}`
    return `tcp ${address.hostname.toLowerCase()}:${/:\d+\/*$/.test(host) ? address.port : ''}`
  } catch {
    return host
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/**
 * Every engine once: the added ones, then those found whose address is not among them. A found place without anything in it
 * (a socket that is not there) is none.
 */
export function placesOf(stored: readonly StoredPool[], found: readonly Target[]): Place[] {
  const places: Place[] = []
  const seen = new Set<string>()
  const add = (place: Place): void => {
    const key = hostKey(place.target.endpoint.host)
    if (seen.has(key) || places.some(({ id }) => id === place.id)) return
    seen.add(key)
    places.push(place)
  }
  for (const pool of stored) {
    const { id, name, certificates } = pool
    const target = targetOf(pool, id)
    add({ id, name, source: 'added', target, certificates, key: keyOf(target) })
  }
  for (const target of found) {
    if (!target.present && !target.explicit) continue
    const { id, label } = target.endpoint
    add({ id, name: nameOf(target) ?? label, source: 'found', target, key: keyOf(target) })
  }
  return places
}

/** Sockets are told apart by what listens there; a context has its own name. The address stands beside it. */
function nameOf({ endpoint: { source, host } }: Target): string | null {
  if (source === 'context') return null
  if (source === 'DOCKER_HOST') return 'DOCKER_HOST'
  if (source === 'podman') return 'Podman'
  if (host === 'unix:///var/run/docker.sock' || host === 'npipe:////./pipe/docker_engine') return 'Docker'
  return host.replace(/^(unix|npipe):\/\//, '')
}

function keyOf({ endpoint, tls, sshConfig, problem }: Target): string {
  return JSON.stringify([endpoint.host, tls, sshConfig ?? null, problem?.toInfo() ?? null])
}
