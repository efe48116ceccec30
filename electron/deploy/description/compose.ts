/** The same deployment as a Compose file (compose-spec; 2.23.1 for files, 2.30 for what runs before a stop). */
import { Document, Scalar, visit } from 'yaml'
import type { DeploymentSpec } from '@shared/deployment'
import { cpuShares } from '../model/container-body'
import { healthCommand } from '../model/health'
import { noImageFacts, pinnedReference, type ImageFacts } from '../model/image'
import { publishedPorts } from '../model/ports'
import { startOf } from '../model/start'
import { sizeWord } from './amount'

type Part = Record<string, unknown>

/** Leaves out what is null, undefined, an empty list or an empty table. */
function filled(part: Part): Part {
  return Object.fromEntries(
    Object.entries(part).filter(([, value]) => {
      if (value === null || value === undefined) return false
      return typeof value !== 'object' || value instanceof Scalar || Object.keys(value).length > 0
    }),
  )
}

function octal(mode: string): Scalar {
  const scalar = new Scalar(Number.parseInt(mode, 8))
  scalar.format = 'OCT'
  return scalar
}

const builtIn = new Set(['host', 'none', 'bridge'])

function healthOf(health: DeploymentSpec['health']): Part | null {
  if (health.kind === 'image') return null
  if (health.kind === 'none') return { disable: true }
  return {
    test: ['CMD-SHELL', healthCommand(health)],
    interval: `${health.intervalSeconds}s`,
    timeout: `${health.timeoutSeconds}s`,
    start_period: `${health.startSeconds}s`,
    retries: health.retries,
  }
}

const conditions = { no: 'none', 'on-failure': 'on-failure', always: 'any', 'unless-stopped': 'any' } as const

function deployOf(spec: DeploymentSpec, isSwarm: boolean): Part {
  const amount = (cpu: number | null, memory: number | null): Part =>
    filled({ cpus: cpu === null ? null : String(cpu), memory: memory === null ? null : sizeWord(memory) })
  const { policy, retries } = spec.restart
  return filled({
    replicas: spec.instances,
    resources: filled({
      limits: amount(spec.cpu.limit, spec.memory.limit),
      reservations: amount(spec.cpu.reservation, spec.memory.reservation),
    }),
    ...(isSwarm && {
      restart_policy: filled({ condition: conditions[policy], max_attempts: retries }),
      update_config: { order: 'start-first', failure_action: 'rollback' },
      labels: spec.labels,
    }),
  })
}

function serviceOf(
  spec: DeploymentSpec,
  image: Pick<ImageFacts, 'entrypoint' | 'command'>,
  isSwarm: boolean,
): Part {
  const start = startOf(spec, image)
  const [network] = spec.networks
  const mode = network !== undefined && builtIn.has(network) ? network : null
  const { policy, retries } = spec.restart
  return filled({
    image: pinnedReference(spec.image),
    platform: spec.platform,
    entrypoint: start.entrypoint,
    command: start.command,
    // Without a value it is taken from the environment of whoever runs this.
    environment: Object.fromEntries(
      spec.environment.map(({ name, value, secret }) => [name, secret ? new Scalar(null) : value]),
    ),
    ports: publishedPorts(spec).map(({ container, host, protocol, scope, debug }) => {
      const access = debug ? null : spec.ports.find((port) => port.container === container)?.access
      return filled({
        target: container,
        published: host === null ? null : String(host),
        host_ip: scope === 'local' ? '127.0.0.1' : null,
        protocol,
        app_protocol: access === 'tcp' ? null : access,
      })
    }),
    volumes: spec.volumes.map((volume) =>
      filled({
        type: volume.kind === 'folder' ? 'bind' : 'volume',
        source: volume.kind === 'folder' ? volume.source : volume.name,
        target: volume.path,
        read_only: volume.readOnly || null,
      }),
    ),
    configs: spec.files.map(({ path, mode: rights }, index) => ({
      source: `file-${index + 1}`,
      target: path,
      mode: octal(rights),
    })),
    user: spec.user,
    working_dir: spec.workingFolder,
    deploy: deployOf(spec, isSwarm),
    cpu_shares: isSwarm ? null : cpuShares(spec.cpu) || null,
    storage_opt: spec.diskBytes === null ? null : { size: String(spec.diskBytes) },
    restart: isSwarm ? null : retries ? `${policy}:${retries}` : policy,
    healthcheck: healthOf(spec.health),
    stop_grace_period: spec.stopSeconds === null ? null : `${spec.stopSeconds}s`,
    pre_stop: spec.beforeStop === null ? [] : [{ command: ['/bin/sh', '-c', spec.beforeStop] }],
    labels: spec.labels,
    network_mode: mode,
    networks: mode ? null : Object.fromEntries(spec.networks.map((name) => [name, { aliases: [spec.name] }])),
  })
}

/**
 * A Compose file of one service. Networks are expected to be there; volumes keep their names. Secrets are taken from the
 * environment of whoever runs it. `image`: what the image starts with, needed where something runs before that.
 */
export function composeOf(
  spec: DeploymentSpec,
  kind: 'docker' | 'podman' | 'swarm',
  image: Pick<ImageFacts, 'entrypoint' | 'command'> | null = null,
): string {
  const volumes = spec.volumes.flatMap((volume) =>
    volume.kind === 'volume' && volume.name ? [volume.name] : [],
  )
  const networks = builtIn.has(spec.networks[0] ?? '') ? [] : spec.networks
  const document = new Document(
    filled({
      name: spec.name,
      services: { [spec.name]: serviceOf(spec, image ?? noImageFacts, kind === 'swarm') },
      volumes: Object.fromEntries(volumes.map((name) => [name, { name }])),
      networks: Object.fromEntries(networks.map((name) => [name, { external: true }])),
      configs: Object.fromEntries(spec.files.map(({ content }, index) => [`file-${index + 1}`, { content }])),
    }),
    { aliasDuplicateObjects: false },
  )
  // Compose would take what follows a dollar for a variable of its own.
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' && typeof node.value === 'string') node.value = node.value.replaceAll('$', '$$$$')
    },
  })
  return document.toString({ lineWidth: 0 })
}
