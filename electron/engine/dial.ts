import http from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import type Dockerode from 'dockerode'
import { AppError } from '@shared/error'
import { SshAgent } from './ssh'
import { parseAddress, type Target } from './target'

/**
 * A client for the engine at a target. Nothing is sent yet. Rejects with ENGINE_FAILED where the target cannot be tried.
 *
 * Every field is given, `undefined` too: docker-modem would otherwise fill it from DOCKER_HOST and its kin. Connections
 * are not kept: one that the engine closed when it restarted would fail the next request. Those over ssh are, since a new
 * one takes half a second: `hangUp` ends them.
 */
export async function dial(target: Target): Promise<Dockerode> {
  if (target.problem) throw target.problem
  // Takes a tenth of a second to load, which the first screen does not wait for. Not by `import`, which before Electron 28
  // finds nothing in app.asar.
  const Client = createRequire(import.meta.url)('dockerode') as typeof Dockerode
  const address = parseAddress(target.endpoint.host, target.tls !== null)
  const unset = {
    host: undefined,
    port: undefined,
    pathPrefix: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  }
  const common = { ...unset, timeout: undefined, protocol: 'http' as const }
  try {
    if (address.kind === 'socket') {
      return new Client({ ...common, ...{ socketPath: address.path, agent: quiet(new http.Agent()) } })
    }
    if (address.kind === 'ssh') {
      // The host is nobody's: the agent's connections lead to the engine itself.
      const agent = quiet(new SshAgent(address, target.sshConfig ?? null))
      return new Client({ ...common, ...{ host: 'http://docker', port: 80, agent } })
    }
    const { hostname, port, secure } = address
    const protocol = secure ? ('https' as const) : ('http' as const)
    const agent = quiet(secure ? new https.Agent(tlsOptions(target)) : new http.Agent())
    return new Client({ ...common, ...{ host: `${protocol}://${hostname}`, port, protocol, agent } })
  } catch (error) {
    throw new AppError('ENGINE_FAILED', { side: 'engine' }, { cause: error })
  }
}

/** Ends every connection of a client, those in use too. */
export function hangUp(docker: Dockerode): void {
  const modem: unknown = docker.modem
  const agent: unknown = typeof modem === 'object' && modem !== null && 'agent' in modem ? modem.agent : null
  if (agent instanceof http.Agent) agent.destroy()
}

/**
 * Ends every connection of a client for good, since its engine does not answer any more: what waits for it fails with ENGINE_LOST,
 * and so does at once what is asked of it later.
 */
export function giveUp(docker: Dockerode): void {
  const modem: unknown = docker.modem
  const agent: unknown = typeof modem === 'object' && modem !== null && 'agent' in modem ? modem.agent : null
  if (!(agent instanceof http.Agent)) return
  const error = Object.assign(new Error('The engine does not answer any more.'), { code: 'ECONNRESET' })
  const refuse = (_options: unknown, answer?: (error: Error) => void): void => {
    process.nextTick(() => answer?.(error))
  }
  Object.defineProperty(agent, 'createConnection', { value: refuse })
  agent.destroy()
}

/**
 * docker-modem inspects the options of every request to any depth, hidden fields too, whether it logs them or not. Through an
 * agent that reaches sockets and native objects: slow, a place where keys could be read, and a crash in Electron.
 */
function quiet<A extends http.Agent>(agent: A): A {
  return Object.defineProperty(agent, inspect.custom, { value: () => 'Agent' })
}

/** Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED weakens nothing. */
function tlsOptions({ tls }: Target): https.AgentOptions {
  const rejectUnauthorized = tls?.verify ?? true
  if (!tls) return { rejectUnauthorized }
  const { ca, cert, key } = tls
  return { rejectUnauthorized, ...(ca && { ca }), ...(cert && key && { cert, key }) }
}
