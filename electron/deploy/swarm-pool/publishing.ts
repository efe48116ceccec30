/** How a service's ports are published: by the swarm's own load balancer, or on the nodes that run its instances. */
import type Dockerode from 'dockerode'
import type { DeploymentSpec } from '@shared/deployment'
import { decodeLabels } from '../model/labels'
import type { ServiceUpdate } from '../model/service-body'
import { isReady, labelsOf, type Service, type SwarmNode } from './objects'

/**
 * `ingress`: every node answers at the port and passes on to any instance; needs IPVS in the kernel of each node. An engine
 * without it says nothing of that: instances run and their ports refuse. `host`: each instance has the port of its own node.
 */
export type Publishing = 'ingress' | 'host'

/** How a service publishes; null where it has no ports. */
export function publishingOf(spec: Dockerode.ServiceSpec): Publishing | null {
  const ports = spec.EndpointSpec?.Ports ?? []
  if (ports.length === 0) return null
  return ports.some(({ PublishMode }) => PublishMode === 'host') ? 'host' : 'ingress'
}

/** Where a deployment of ours had to do without the load balancer, the next begins without it. */
export function publishingIn(services: readonly Service[]): Publishing {
  const ours = services.filter(({ Spec }) => decodeLabels(labelsOf(Spec)) !== null)
  return ours.some(({ Spec }) => publishingOf(Spec) === 'host') ? 'host' : 'ingress'
}

/** Whether each instance needs a node of its own, since a port of a node can be had once. */
export const holdsNode = (spec: DeploymentSpec, publishing: Publishing): boolean =>
  publishing === 'host' && spec.ports.some(({ host, scope }) => host !== null && scope === 'all')

/**
 * New instances before the old ones go, wherever there is room for them: an instance that holds its node's port needs a node
 * more. Without one, an instance at a time is stopped first while the others serve.
 */
export function updateOrder(
  spec: DeploymentSpec,
  publishing: Publishing,
  nodes: readonly SwarmNode[],
): NonNullable<ServiceUpdate['order']> {
  if (!holdsNode(spec, publishing)) return 'start-first'
  return nodes.filter(isReady).length > spec.instances ? 'start-first' : 'stop-first'
}
