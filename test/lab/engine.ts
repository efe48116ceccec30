import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeBridge, type Bridge } from './bridge'
import { makeAuthority, type CertificateAuthority } from './certificate'
import { runCommand } from './command'
import { engineDemand, engineRequest } from './engine-api'
import type { Namespace } from './namespace'
import { freePort } from './ports'
import { startService, type Service } from './process'
import { temporaryFolder } from './temporary'
import { undoLater } from './undo'

export interface EngineOptions {
  /** Registries (host:port) spoken to over http or an unknown certificate; all of 127.0.0.0/8 is that already. */
  insecureRegistries?: string[]
  /** Certificate authorities by registry (host:port): paths of PEM files. */
  certs?: Record<string, string>
  /** Arguments for dockerd on top of ours. */
  args?: string[]
  /** Has it listen on TCP too, with TLS, for those who show a certificate of its authority. */
  tls?: boolean
  /** Has it run there, with a firewall of its own; `pool`: where its networks come from. */
  within?: { namespace: Namespace; pool: string }
}

/** The way to an engine over TCP. Each folder is as docker's own client wants it: ca.pem, cert.pem, key.pem. */
export interface EngineTls {
  /** tcp:// with address and port. */
  host: string
  certificates: string
  authority: CertificateAuthority
  /** A folder with a client's certificate that `signer` issued, for trying a wrong one. */
  client(signer: CertificateAuthority | null): string
}

export interface Engine {
  /** What DOCKER_HOST takes: unix:// and the socket's path. */
  host: string
  socket: string
  /** The machine's address on the engine's bridge. A registry that listens here is not trusted without being named. */
  address: string
  /** Null unless asked for. */
  tls: EngineTls | null
  log(bytes?: number): string
  /** Ends it in good order and starts it again with the same images. */
  restart(): Promise<void>
  /** Ends it in good order; `start()` brings it back with the same images. */
  halt(): Promise<void>
  start(): Promise<void>
  /** Ends it as a power cut would; its images stay, `start()` brings it back. */
  kill(): Promise<void>
  /** Ends it for good and removes everything that it made. */
  stop(): Promise<void>
}

const sweeper = fileURLToPath(new URL('sweep.mjs', import.meta.url))

/** Starts a Docker engine beside any other, with its own storage, socket and network. Needs root. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  if (process.getuid?.() !== 0) throw new Error('a Docker engine needs root')
  const folder = temporaryFolder('engine')
  const { within } = options
  const bridge = within ? null : await makeBridge()
  const address = within?.namespace.address ?? bridge?.address ?? ''
  const leavings = [folder.path, ...(bridge ? [bridge.name] : [])]
  const undo = undoLater([process.execPath, sweeper, ...leavings])
  const socket = folder.join('docker.sock')
  const host = `unix://${socket}`
  const trusted = Object.entries(options.certs ?? {}).map(([registry, file]) => trust(registry, file))
  const tls = options.tls ? await makeTls(folder.path, within ? address : '127.0.0.1') : null
  const network = within ? namespaceArguments(within.pool) : bridge ? bridgeArguments(bridge) : []
  const args = [
    ...dockerdArguments(folder.path, socket, options),
    ...network,
    ...(tls ? tlsArguments(folder.path, tls) : []),
    ...(options.args ?? []),
  ]
  const [command, ...before] = within ? [...within.namespace.enterNamed, 'dockerd'] : ['dockerd']
  let service: Service | null = null

  const engine: Engine = {
    host,
    socket,
    address,
    tls,
    log: (bytes) => service?.log(bytes) ?? '',
    async start() {
      if (service?.running()) return
      rmSync(folder.join('pid'), { force: true })
      service = await startService({
        command: command ?? 'dockerd',
        args: [...before, ...args],
        logFile: folder.join('log'),
      })
      await service.ready(async () => (await engineRequest(host, 'GET', '/_ping')).status === 200, 60_000)
    },
    async halt() {
      await service?.stop(30_000)
    },
    async restart() {
      await engine.halt()
      await engine.start()
    },
    async kill() {
      await service?.kill()
      await runCommand(process.execPath, [sweeper, '--keep', folder.path])
      // What a power cut empties as well: an engine takes a stale process number in it for a living containerd.
      rmSync(folder.join('exec'), { recursive: true, force: true })
    },
    async stop() {
      if (service?.running()) await tidy(host).catch(() => {})
      await engine.halt()
      await runCommand(process.execPath, [sweeper, ...leavings])
      undo.done()
      for (const remove of trusted) remove()
      folder.remove()
    },
  }
  try {
    await engine.start()
  } catch (error) {
    await engine.stop()
    throw error
  }
  return engine
}

function dockerdArguments(folder: string, socket: string, options: EngineOptions): string[] {
  const config = join(folder, 'daemon.json')
  writeFileSync(config, '{}')
  return [
    ...['--config-file', config, '--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['-p', join(folder, 'pid'), '-H', `unix://${socket}`, '--group', 'root'],
    ...(options.insecureRegistries ?? []).flatMap((registry) => ['--insecure-registry', registry]),
  ]
}

// Port mappings reach 127.0.0.1 through the engine's own proxy. Engines share the firewall's chains, and one that
// starts takes the others' rules out of them: ours therefore keep their hands off the firewall.
function bridgeArguments(bridge: Bridge): string[] {
  const firewall = ['--iptables=false', '--ip6tables=false', '--ip-masq=false', '--ip-forward=false']
  return ['--bridge', bridge.name, '--default-address-pool', `base=${bridge.pool},size=24`, ...firewall]
}

function namespaceArguments(pool: string): string[] {
  return ['--default-address-pool', `base=${pool},size=24`]
}

async function makeTls(folder: string, address: string): Promise<EngineTls> {
  const authority = makeAuthority(folder, 'Slipway lab engine CA')
  authority.issue('engine', { names: [address] })
  let count = 0
  const client = (signer: CertificateAuthority | null): string => {
    const own = join(folder, `client-${(count += 1)}`)
    mkdirSync(own)
    copyFileSync(authority.path, join(own, 'ca.pem'))
    if (signer === null) return own
    const { path, keyPath } = signer.issue(`client-${count}`, { usage: 'client' })
    copyFileSync(path, join(own, 'cert.pem'))
    copyFileSync(keyPath, join(own, 'key.pem'))
    return own
  }
  const host = `tcp://${address}:${await freePort()}`
  return { host, certificates: client(authority), authority, client }
}

function tlsArguments(folder: string, { host, authority }: EngineTls): string[] {
  const [cert, key] = [join(folder, 'engine.pem'), join(folder, 'engine-key.pem')]
  return ['-H', host, '--tlsverify', '--tlscacert', authority.path, '--tlscert', cert, '--tlskey', key]
}

// Where an engine looks for a registry's authority is fixed for the whole machine.
function trust(registry: string, file: string): () => void {
  const folder = join('/etc/docker/certs.d', registry)
  mkdirSync(folder, { recursive: true })
  const undo = undoLater(['rm', '-rf', folder])
  copyFileSync(file, join(folder, 'ca.crt'))
  return () => {
    rmSync(folder, { recursive: true, force: true })
    undo.done()
  }
}

// Containers are killed rather than asked, which takes ten seconds each; a swarm leaves a bridge of a fixed name.
async function tidy(host: string): Promise<void> {
  const list: unknown = JSON.parse(await engineDemand(host, 'GET', '/containers/json'))
  const ids = Array.isArray(list) ? list.map((container: { Id: string }) => container.Id) : []
  const left = await engineRequest(host, 'POST', '/swarm/leave?force=true')
  await Promise.all(ids.map((id) => engineRequest(host, 'DELETE', `/containers/${id}?force=true&v=true`)))
  if (left.status === 200) await engineRequest(host, 'DELETE', '/networks/docker_gwbridge')
  await engineRequest(host, 'POST', '/networks/prune')
}
