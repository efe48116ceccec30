import type Dockerode from 'dockerode'
import type { DeploymentVersion } from '@shared/running'
import { pause } from '../../engine/deadline'
import type { PoolConnection } from '../driver'
import { engineOf } from './containers'
import { toSwarmError } from './error'
import type { SwarmNode } from './objects'

/** How long a volume may still be in use; milliseconds. */
const patience = 10_000

/**
 * Takes away the named volumes of a deployment, on every node within reach; each node has its own. What stays is told: one that
 * others use, or on a node out of reach.
 */
export async function removeVolumes(
  connection: Pick<PoolConnection, 'docker' | 'nodeId' | 'peers'>,
  nodes: readonly SwarmNode[],
  versions: readonly DeploymentVersion[],
  log: (line: string) => void,
): Promise<void> {
  const names = new Set(
    versions.flatMap(({ spec }) =>
      spec.volumes.flatMap((volume) => (volume.kind === 'volume' ? (volume.name ?? []) : [])),
    ),
  )
  for (const node of nodes) {
    const docker = engineOf(connection, node.ID)
    const host = node.Description?.Hostname ?? node.ID
    for (const name of names) {
      if (docker) log(`volume ${name} on ${host}: ${await removed(docker, name)}`)
      else log(`volume ${name} on ${host} stays: its engine is out of reach`)
    }
  }
}

async function removed(docker: Dockerode, name: string): Promise<string> {
  const end = performance.now() + patience
  for (;;) {
    try {
      await docker.getVolume(name).remove()
      return 'removed'
    } catch (thrown) {
      const error = toSwarmError(thrown)
      if (error.context.status === 404) return 'was not there'
      // A swarm forgets a task a little before its node has removed the container.
      if (error.context.status !== 409 || performance.now() > end) {
        return `stays: ${error.detail ?? error.code}`
      }
    }
    await pause(250, new AbortController().signal)
  }
}
