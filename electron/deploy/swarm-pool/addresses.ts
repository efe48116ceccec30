/** Where a service's published ports are reached from here. */
import type { DeploymentSpec } from '@shared/deployment'
import type { Address } from '@shared/running'
import type { PoolConnection } from '../driver'
import { ipAddress } from '../ip-address'
import type { PublishedPort, Service, SwarmNode, Task } from './objects'

type Place = Pick<PoolConnection, 'addressHost' | 'nodeId'>

/** The host by which a node is reached from here. */
export function hostOfNode(
  place: Place,
  nodes: readonly SwarmNode[],
  nodeId: string | null | undefined,
): string {
  if (!nodeId || nodeId === place.nodeId) return place.addressHost
  const address = ipAddress(nodes.find(({ ID }) => ID === nodeId)?.Status?.Addr)
  // A manager that never said where it listens; and what reaches one node reaches the others most likely.
  return !address || address === '0.0.0.0' || address === '::' ? place.addressHost : address
}

const isProtocol = (text: string): text is Address['protocol'] => text === 'tcp' || text === 'udp'

/** `http://host:port/` for a port that is spoken to so; an IPv6 host in brackets. */
function urlOf(
  access: DeploymentSpec['ports'][number]['access'] | null,
  host: string,
  port: number,
): string | null {
  if (access === null || access === 'tcp') return null
  return `${access}://${host.includes(':') ? `[${host}]` : host}:${port}/`
}

function addressOf(port: PublishedPort, host: string, spec: Pick<DeploymentSpec, 'ports'> | null): Address[] {
  const protocol = port.Protocol
  if (!isProtocol(protocol) || !port.PublishedPort) return []
  const wanted = spec?.ports.find(
    (other) => other.container === port.TargetPort && other.protocol === protocol,
  )
  return [
    {
      url: urlOf(wanted?.access ?? null, host, port.PublishedPort),
      ...{ host, protocol, port: port.PublishedPort, container: port.TargetPort },
      ...{ scope: 'all' as const, debug: false },
    },
  ]
}

/** Ports of the swarm's own load balancer, which every node answers at. */
export function meshAddresses(
  place: Place,
  service: Service,
  spec: Pick<DeploymentSpec, 'ports'> | null,
): Address[] {
  const ports = (service.Endpoint?.Ports ?? []).filter(({ PublishMode }) => PublishMode === 'ingress')
  return ports.flatMap((port) => addressOf(port, place.addressHost, spec))
}

/** Ports that a task has on its own node, past the load balancer. */
export function taskAddresses(
  place: Place,
  nodes: readonly SwarmNode[],
  task: Task,
  spec: Pick<DeploymentSpec, 'ports'> | null,
): Address[] {
  if (task.Status.State !== 'running') return []
  const host = hostOfNode(place, nodes, task.NodeID)
  return (task.Status.PortStatus?.Ports ?? []).flatMap((port) => addressOf(port, host, spec))
}

/** Every address of a service, each once; the load balancer's first. */
export function addressesOf(
  place: Place,
  nodes: readonly SwarmNode[],
  service: Service,
  tasks: readonly Task[],
  spec: Pick<DeploymentSpec, 'ports'> | null,
): Address[] {
  const all = [
    ...meshAddresses(place, service, spec),
    ...tasks
      .filter(({ DesiredState }) => DesiredState === 'running')
      .flatMap((task) => taskAddresses(place, nodes, task, spec)),
  ]
  const seen = new Set<string>()
  return all.filter(({ host, port, protocol }) => {
    const key = `${host} ${port} ${protocol}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
