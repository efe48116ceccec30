import type { DeploymentImage, DeploymentSpec } from '@shared/deployment'
import type { DeploymentActionRequest, Job, PoolJob } from '@shared/job'
import type { DeploymentKey, DeploymentVersion, DeployReason } from '@shared/running'
import { useDeploymentsStore } from '@/stores/deployments'
import { useJobsStore } from '@/stores/jobs'

/** The image with another tag of its repository, whatever that tag names at the time. */
export function withTag(image: DeploymentImage, tag: string): DeploymentImage {
  const name = image.reference.split('@')[0] ?? ''
  const colon = name.lastIndexOf(':')
  const bare = colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
  return {
    ...image,
    reference: `${bare}:${tag}`,
    tag,
    digest: null,
    // What the engine had of one tag it may not have of another.
    delivery: image.delivery === 'present' && image.registryId !== null ? 'pull' : image.delivery,
  }
}

/** A version as it ran: the very image, though its tag may name another one by now. */
export function specOfVersion({ spec, digest }: DeploymentVersion): DeploymentSpec {
  if (spec.image.delivery === 'present') return spec
  return { ...spec, image: { ...spec.image, digest: digest ?? spec.image.digest } }
}

/** What can be done with a deployment; each is a job, and throws where main does not take it. */
export function useDeploymentActions() {
  const deployments = useDeploymentsStore()
  const jobs = useJobsStore()

  /** The next version, made from what runs now. `seen`: the version that the user looked at. */
  async function change(
    key: DeploymentKey,
    reason: DeployReason,
    next: (spec: DeploymentSpec) => DeploymentSpec,
    seen?: number,
  ): Promise<Job> {
    const detail = await deployments.read(key)
    return deployments.apply({
      poolId: key.poolId,
      id: key.id,
      spec: next(detail.spec),
      secrets: {},
      keep: 'keychain',
      reason,
      baseVersion: seen ?? detail.summary.version,
    })
  }

  function act(
    key: DeploymentKey & { name: string },
    action: DeploymentActionRequest['action'],
    options: { instanceId?: string; volumes?: boolean } = {},
  ): Promise<Job> {
    return deployments.act({
      kind: 'deployment-action',
      poolId: key.poolId,
      deploymentId: key.id,
      name: key.name.slice(0, 200),
      action,
      instanceId: options.instanceId ?? null,
      volumes: options.volumes ?? false,
    })
  }

  return {
    act,
    scale: (key: DeploymentKey, instances: number, seen?: number) =>
      change(key, 'scale', (spec) => ({ ...spec, instances }), seen),
    /** To another tag, or (null) to what its own tag names by now. */
    upgrade: (key: DeploymentKey, tag: string | null, seen?: number) =>
      change(
        key,
        'upgrade',
        (spec) => ({
          ...spec,
          image: tag === null ? { ...spec.image, digest: null } : withTag(spec.image, tag),
        }),
        seen,
      ),
    rollBack: (key: DeploymentKey, version: DeploymentVersion, seen?: number) =>
      change(key, 'rollback', () => specOfVersion(version), seen),
    /** The same deployment again, its image sent from here because the engine cannot fetch it. */
    sendInstead: async ({ request }: PoolJob): Promise<void> => {
      if (request.kind !== 'deploy') return
      const image: DeploymentImage = { ...request.spec.image, delivery: 'send' }
      await jobs.enqueue({ ...request, spec: { ...request.spec, image } })
    },
  }
}
