import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '@shared/error'
import type { TlsMaterial } from './target'

/** A context of docker's client, from its `contexts/meta/<sha256 of the name>/meta.json`. */
export interface DockerContext {
  name: string
  host: string
  tls: TlsMaterial | null
  problem: AppError | null
}

const Meta = z.object({
  Name: z.string(),
  Endpoints: z.object({
    docker: z.object({ Host: z.string().nullish(), SkipTLSVerify: z.boolean().nullish() }).optional(),
  }),
})

/** The file's text, or null where there is no such file; any other trouble is thrown. */
export function readOptional(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

const failure = (detail: string, cause?: unknown): AppError =>
  new AppError('ENGINE_FAILED', { side: 'engine' }, { detail, cause })

/** The certificates of a folder in docker's layout: `ca.pem`, `cert.pem`, `key.pem`, each optional. */
export function readTls(folder: string, verify: boolean): TlsMaterial {
  return {
    ca: readOptional(join(folder, 'ca.pem')),
    cert: readOptional(join(folder, 'cert.pem')),
    key: readOptional(join(folder, 'key.pem')),
    verify,
  }
}

/** The context that docker's `config.json` names as current; null for none or for `default`. */
export function currentContext(configFolder: string): string | null {
  const text = readOptional(join(configFolder, 'config.json'))
  if (text === null) return null
  const parsed = z.object({ currentContext: z.string().nullish() }).safeParse(parseJson(text))
  const name = parsed.success ? parsed.data.currentContext : null
  return name && name !== 'default' ? name : null
}

/** Every context that is stored in docker's configuration folder, by name. A broken one is left out. */
export function listContexts(configFolder: string): DockerContext[] {
  const meta = join(configFolder, 'contexts', 'meta')
  return namesIn(meta)
    .flatMap((folder) => readMeta(configFolder, join(meta, folder, 'meta.json')) ?? [])
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** One context by name; a problem is carried in it rather than thrown, since docker's client would stop there too. */
export function findContext(configFolder: string, name: string): DockerContext {
  const file = join(configFolder, 'contexts', 'meta', contextId(name), 'meta.json')
  const found = readMeta(configFolder, file)
  if (found) return found
  return { name, host: '', tls: null, problem: failure(`The docker context "${name}" does not exist.`) }
}

const contextId = (name: string): string => createHash('sha256').update(name).digest('hex')

function readMeta(configFolder: string, file: string): DockerContext | null {
  let text: string | null
  try {
    text = readOptional(file)
  } catch {
    return null // A context of another user: docker's client could not read it either.
  }
  const parsed = text === null ? null : Meta.safeParse(parseJson(text))
  const docker = parsed?.success ? parsed.data.Endpoints.docker : undefined
  if (!parsed?.success || !docker?.Host) return null
  const name = parsed.data.Name
  const verify = !docker.SkipTLSVerify
  try {
    const tls = readTls(join(configFolder, 'contexts', 'tls', contextId(name), 'docker'), verify)
    const used = tls.ca !== null || tls.cert !== null || !verify
    return { name, host: docker.Host, tls: used ? tls : null, problem: null }
  } catch (error) {
    const problem = failure(`The certificates of the docker context "${name}" cannot be read.`, error)
    return { name, host: docker.Host, tls: null, problem }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // No folder means no contexts.
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
