/** What a plan for a swarm is checked against. */
import type { DeploymentSpec } from '@shared/deployment'
import { withDeadline } from '../../engine/deadline'
import { imageIdOf } from '../../engine/images'
import type { PoolConnection, PoolFacts } from '../driver'
import { decodeLabels } from '../model/labels'
import type { SwarmApi } from './api'
import { toSwarmError } from './error'
import { isReady, labelsOf, type SwarmNode } from './objects'

const patience = 10_000
const nano = 1_000_000_000
/** Architectures as `uname -m` has them, in the names of images' platforms. */
const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm' }

export async function swarmFacts(
  { connection, api }: { connection: PoolConnection; api: SwarmApi },
  spec: DeploymentSpec,
  ignoreId: string | null,
  signal: AbortSignal,
): Promise<PoolFacts> {
  const [services, tasks, nodes, networks, imageId] = await Promise.all([
    ...([api.services(signal), api.tasks(null, signal), api.nodes(signal), api.networks(signal)] as const),
    withDeadline(patience, signal, () => imageIdOf(connection.docker, spec.image.reference)).catch(
      (error: unknown) => {
        throw toSwarmError(error, { pool: connection.name })
      },
    ),
  ])
  const usedPorts = new Map<string, string>()
  const names = new Set<string>()
  for (const service of services) {
    if (ignoreId !== null && decodeLabels(labelsOf(service.Spec))?.id === ignoreId) continue
    const name = service.Spec.Name ?? service.ID
    names.add(name)
    const held = tasks
      .filter(({ ServiceID, DesiredState }) => ServiceID === service.ID && DesiredState === 'running')
      .flatMap(({ Status }) => Status.PortStatus?.Ports ?? [])
    for (const { PublishedPort, Protocol } of [...(service.Endpoint?.Ports ?? []), ...held]) {
      if (PublishedPort) usedPorts.set(`${PublishedPort}/${Protocol}`, name)
    }
  }
  const ready = nodes.filter(isReady)
  return {
    ...{ usedPorts, names, nodes: ready.length, imagePresent: imageId !== null },
    networks: new Set(networks.map(({ name }) => name)),
    cpus: sum(ready, (node) => node.Description?.Resources?.NanoCPUs, nano),
    memoryBytes: sum(ready, (node) => node.Description?.Resources?.MemoryBytes, 1),
    platform: platformOf(ready[0] ?? nodes[0]),
  }
}

function sum(
  nodes: readonly SwarmNode[],
  of: (node: SwarmNode) => number | null | undefined,
  unit: number,
): number | null {
  const told = nodes.flatMap((node) => of(node) ?? [])
  return told.length === 0 ? null : told.reduce((all, one) => all + one, 0) / unit
}

function platformOf(node: SwarmNode | undefined): string {
  const { OS, Architecture } = node?.Description?.Platform ?? {}
  return `${OS ?? 'linux'}/${architectures[Architecture ?? ''] ?? Architecture ?? 'amd64'}`
}
