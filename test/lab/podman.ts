import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runCommand } from './command'
import { engineRequest } from './engine-api'
import { startService, type Service } from './process'
import { temporaryFolder } from './temporary'
import { undoLater } from './undo'

export interface PodmanOptions {
  /** Registries (host:port) spoken to over http or an unknown certificate. */
  insecureRegistries?: string[]
}

export interface Podman {
  /** What DOCKER_HOST takes: unix:// and the socket's path. */
  host: string
  socket: string
  log(bytes?: number): string
  start(): Promise<void>
  halt(): Promise<void>
  /** Ends it for good and removes everything that it made. */
  stop(): Promise<void>
}

const sweeper = fileURLToPath(new URL('sweep.mjs', import.meta.url))

/** Starts Podman's Docker-compatible service beside any other, with its own storage and socket. Needs root. */
export async function startPodman(options: PodmanOptions = {}): Promise<Podman> {
  const folder = temporaryFolder('podman')
  const undo = undoLater([process.execPath, sweeper, folder.path])
  const socket = folder.join('podman.sock')
  const host = `unix://${socket}`
  const registries = folder.join('registries.conf')
  writeFileSync(registries, registriesConfig(options.insecureRegistries ?? []))
  // By default a container gets a million open files, which a machine with a lower limit refuses.
  const containers = folder.join('containers.conf')
  writeFileSync(containers, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n')
  for (const name of ['root', 'run', 'tmp', 'home', 'networks']) mkdirSync(folder.join(name))
  let service: Service | null = null

  const podman: Podman = {
    host,
    socket,
    log: (bytes) => service?.log(bytes) ?? '',
    async start() {
      if (service?.running()) return
      service = await startService({
        command: 'podman',
        args: [
          ...['--root', folder.join('root'), '--runroot', folder.join('run'), '--tmpdir', folder.join('tmp')],
          ...['--network-config-dir', folder.join('networks')],
          ...['--cgroup-manager', 'cgroupfs', '--events-backend', 'file', '--runtime', 'runc'],
          ...['system', 'service', '--time=0', host],
        ],
        env: {
          PATH: process.env.PATH,
          HOME: folder.join('home'),
          CONTAINERS_CONF: containers,
          CONTAINERS_REGISTRIES_CONF: registries,
        },
        logFile: folder.join('log'),
      })
      await service.ready(async () => (await engineRequest(host, 'GET', '/_ping')).status === 200, 60_000)
    },
    async halt() {
      await service?.stop()
    },
    async stop() {
      if (service?.running()) await removeContainers(host).catch(() => {})
      await podman.halt()
      await runCommand(process.execPath, [sweeper, folder.path])
      undo.done()
      folder.remove()
    },
  }
  try {
    await podman.start()
  } catch (error) {
    await podman.stop()
    throw error
  }
  return podman
}

function registriesConfig(insecure: string[]): string {
  const blocks = insecure.map((host) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`)
  return ['unqualified-search-registries = ["docker.io"]\n', ...blocks].join('\n')
}

async function removeContainers(host: string): Promise<void> {
  const { text } = await engineRequest(host, 'GET', '/containers/json?all=true')
  const list: unknown = JSON.parse(text)
  const ids = Array.isArray(list) ? list.map((container: { Id: string }) => container.Id) : []
  await Promise.all(ids.map((id) => engineRequest(host, 'DELETE', `/containers/${id}?force=true&v=true`)))
}
