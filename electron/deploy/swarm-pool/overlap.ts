/** Replacing a single instance without a moment in which none is known to every node. */
import type Dockerode from 'dockerode'
import { AppError } from '@shared/error'
import type { DeploymentSpec } from '@shared/deployment'
import type { Job } from '../engine-pool/job'
import type { SwarmApi } from './api'
import { replicasOf, withReplicas, type Service } from './objects'
import { publishingOf } from './publishing'
import { Watcher } from './settle'
import type { Times } from './times'

interface Parts {
  api: SwarmApi
  times: Times
}

const always = new AbortController().signal

/**
 * Runs an update. Nodes hear of each other's instances by gossip: of a single one, a node may count out the old before it has
 * heard of the new. So there are two of the old for as long as it takes: each is replaced while another, long known, answers.
 * Not where instances write to a volume, which is no place for one more; nor where nobody asks through the load balancer.
 */
export async function withSecond<T>(
  parts: Parts,
  job: Job,
  service: Service,
  spec: DeploymentSpec,
  update: (service: Service, replicas: number) => Promise<T>,
): Promise<T> {
  const writes = spec.volumes.some(({ readOnly }) => !readOnly)
  const isSingle = replicasOf(service.Spec) === 1 && spec.instances === 1
  if (
    !isSingle ||
    writes ||
    publishingOf(service.Spec) !== 'ingress' ||
    !(await added(parts, job, service, spec))
  ) {
    return update(await parts.api.service(service.ID, job.signal), spec.instances)
  }
  try {
    return await update(await parts.api.service(service.ID, job.signal), 2)
  } finally {
    await changeService(parts.api, service.ID, (now) => withReplicas(now, spec.instances))
  }
}

/** Adds the second instance; false where there is no room for it, or it does not come up. */
async function added(
  { api, times }: Parts,
  job: Job,
  service: Service,
  spec: DeploymentSpec,
): Promise<boolean> {
  const before = new Set((await api.tasks(service.ID, job.signal)).map(({ ID }) => ID))
  await api.update(service, withReplicas(service.Spec, 2), job.signal)
  try {
    await new Watcher({ api, job, times, spec, serviceId: service.ID, before }).running()
    return true
  } catch (thrown) {
    await changeService(api, service.ID, (now) => withReplicas(now, 1))
    job.check()
    const why = thrown instanceof AppError ? (thrown.detail ?? thrown.code) : String(thrown)
    job.log(`there is no second instance for the time of the change: ${why}`)
    return false
  }
}

/** Changes a service, again where another change came in between. */
export async function changeService(
  api: SwarmApi,
  serviceId: string,
  change: (spec: Dockerode.ServiceSpec) => Dockerode.ServiceSpec,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const service = await api.service(serviceId, always)
    try {
      return await api.update(service, change(service.Spec), always)
    } catch (error) {
      if (attempt >= 5 || !(error instanceof AppError) || error.code !== 'DEPLOYMENT_CHANGED') throw error
    }
  }
}
