import Dockerode from 'dockerode'
import { emptySpec, type DeploymentSpec } from '@shared/deployment'
import type { DeploymentVersion } from '@shared/running'
import type { PoolConnection } from '../../../../electron/deploy/driver'
import { encodeLabels } from '../../../../electron/deploy/model/labels'
import { engineDemand } from '../../../lab/engine-api'

/** A connection to a lab's engine, as the pools would make it. */
export function connectionTo(host: string, kind: 'docker' | 'podman'): PoolConnection {
  const docker = new Dockerode({ socketPath: host.replace('unix://', '') })
  return {
    ...{ poolId: `lab-${kind}`, name: `lab ${kind}`, kind, docker },
    target: {
      endpoint: { id: kind, host, source: 'DOCKER_HOST', label: host },
      ...{ tls: null, explicit: true, present: true, problem: null },
    } as PoolConnection['target'],
    ...{ version: '1', nodeId: null, addressHost: '127.0.0.1', local: true, peers: () => new Map() },
  }
}

export const image = 'localhost/lab/app:1'

export function specOf(change: Partial<DeploymentSpec> = {}): DeploymentSpec {
  const from = { reference: image, digest: null, registryId: null, repository: null, tag: null }
  return { ...emptySpec({ ...from, delivery: 'present' }, 'web'), ...change }
}

export function versionOf(
  version: number,
  spec: DeploymentSpec,
  digest: string | null = null,
): DeploymentVersion {
  return {
    version,
    at: 1_700_000_000_000 + version * 1000,
    reason: version === 1 ? 'new' : 'change',
    spec,
    digest,
  }
}

export interface Made {
  host: string
  id: string
  versions: [DeploymentVersion, ...DeploymentVersion[]]
  /** Null: a record. */
  instance: number | null
  command?: string[]
  name?: string
  start?: boolean
  body?: object
  hostConfig?: object
}

/** A container with our labels, made by the engine's own API; its ID. */
export async function make({ host, id, versions, instance, ...rest }: Made): Promise<string> {
  const labels = encodeLabels({ id, versions, ...(instance !== null && { instance }) })
  const { name: deployment } = versions[0].spec
  const name = rest.name ?? `${deployment}-${instance}`
  const created = await engineDemand(host, 'POST', `/containers/create?name=${name}`, {
    ...{ Image: image, Cmd: rest.command ?? ['sleep', 'infinity'], Labels: labels },
    StopTimeout: 0,
    HostConfig: { RestartPolicy: { Name: 'no' }, ...rest.hostConfig },
    ...rest.body,
  })
  const { Id } = JSON.parse(created) as { Id: string }
  if (rest.start ?? true) await engineDemand(host, 'POST', `/containers/${Id}/start`)
  return Id
}

export async function removeAll(host: string): Promise<void> {
  const list = JSON.parse(await engineDemand(host, 'GET', '/containers/json?all=true')) as { Id: string }[]
  for (const { Id } of list) await engineDemand(host, 'DELETE', `/containers/${Id}?force=true&v=true`)
}
