import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Endpoint } from '@shared/engine'
import { AppError } from '@shared/error'
import { currentContext, findContext, listContexts, readTls, type DockerContext } from './contexts'
import { usualSockets, type Machine } from './sockets'
import { parseAddress, type Target } from './target'

export interface DiscoveryOptions extends Machine {
  /** Whether a socket's file is there; a link that leads nowhere counts. */
  exists?: (path: string) => boolean
}

/**
 * Every place where an engine may answer, in the order in which docker's own client looks: DOCKER_HOST; the context of
 * DOCKER_CONTEXT or of `config.json`; then, where neither is set, the usual sockets. Other contexts come last, to be
 * chosen by hand. Sockets that are not there are listed with `present: false`. Never throws.
 */
export function discoverTargets(options: DiscoveryOptions): Target[] {
  const { environment, home } = options
  const exists = options.exists ?? fileExists
  const configFolder = environment.DOCKER_CONFIG || join(home, '.docker')
  const targets: Target[] = []
  const add = (target: Target): void => {
    const same = (other: Target): boolean =>
      other.endpoint.id === target.endpoint.id ||
      (other.endpoint.host === target.endpoint.host && (other.tls === null) === (target.tls === null))
    if (!targets.some(same)) targets.push(target)
  }

  if (environment.DOCKER_HOST) add(fromEnvironment(environment, environment.DOCKER_HOST, configFolder))
  const named = contextInUse(environment, configFolder)
  const inUse = named === null ? null : findContext(configFolder, named)
  if (inUse) add(fromContext(inUse, targets.length === 0, exists))
  for (const { source, path } of usualSockets(options)) {
    const host = `${options.platform === 'win32' ? 'npipe' : 'unix'}://${path}`
    const present = options.platform === 'win32' || exists(path)
    add(
      checked({ endpoint: endpoint(source, path, host), tls: null, explicit: false, present, problem: null }),
    )
  }
  for (const context of listContexts(configFolder)) add(fromContext(context, false, exists))
  return targets
}

function contextInUse(environment: NodeJS.ProcessEnv, configFolder: string): string | null {
  const name = environment.DOCKER_CONTEXT
  if (name) return name === 'default' ? null : name
  try {
    return currentContext(configFolder)
  } catch {
    return null // An unreadable config.json: docker's client warns and goes on without it.
  }
}

/** As docker's client: DOCKER_TLS_VERIFY set to anything checks the engine; DOCKER_TLS alone does not. */
function fromEnvironment(environment: NodeJS.ProcessEnv, host: string, configFolder: string): Target {
  const verify = Boolean(environment.DOCKER_TLS_VERIFY)
  const wanted = (verify || Boolean(environment.DOCKER_TLS)) && !/^(unix|npipe):/.test(host)
  const target: Target = {
    endpoint: { id: 'DOCKER_HOST', source: 'DOCKER_HOST', label: host, host },
    tls: null,
    explicit: true,
    present: true,
    problem: null,
  }
  if (!wanted) return checked(target)
  try {
    return checked({ ...target, tls: readTls(environment.DOCKER_CERT_PATH || configFolder, verify) })
  } catch (error) {
    const detail = 'The certificates that DOCKER_CERT_PATH names cannot be read.'
    return { ...target, problem: new AppError('ENGINE_FAILED', { side: 'engine' }, { detail, cause: error }) }
  }
}

function fromContext(context: DockerContext, explicit: boolean, exists: (path: string) => boolean): Target {
  const { name, host, tls, problem } = context
  const path = /^unix:\/\/(.*)$/.exec(host)?.[1]
  const present = explicit || path === undefined || exists(path)
  return checked({ endpoint: endpoint('context', name, host), tls, explicit, present, problem })
}

function checked(target: Target): Target {
  if (target.problem) return target
  try {
    parseAddress(target.endpoint.host, target.tls !== null)
    return target
  } catch (error) {
    if (error instanceof AppError) return { ...target, problem: error }
    throw error
  }
}

// Paths and names may be long; an id is short, and the same in every run.
function endpoint(source: Endpoint['source'], label: string, host: string): Endpoint {
  const id = `${source}-${createHash('sha256').update(label).digest('hex').slice(0, 16)}`
  return { id, source, label, host }
}

function fileExists(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}
