import { z } from 'zod'
import { type DeploymentSpec, labelPrefix } from '@shared/deployment'
import { AppError, toAppError } from '@shared/error'
import { asking, statusOf } from './error'
import type { Job } from './job'

/** On networks that were made for a deployment because it named one that was not there. */
const madeLabel = `${labelPrefix}network`

const Networks = z.array(z.object({ Name: z.string() }))
const Network = z.object({
  Labels: z.record(z.string(), z.string()).nullish().catch(null),
  Containers: z.record(z.string(), z.unknown()).nullish().catch(null),
})
const Volumes = z.object({ Volumes: z.array(z.object({ Name: z.string() })).nullish() })

export const volumeNames = (spec: DeploymentSpec): string[] =>
  spec.volumes.flatMap((volume) => (volume.kind === 'volume' && volume.name !== null ? [volume.name] : []))

/**
 * Makes the networks that a spec names and the engine has not. Answers what takes back all that comes to be from here on, the
 * spec's named volumes too; failures of that stand in the log.
 */
export async function prepareSurroundings(job: Job, spec: DeploymentSpec): Promise<() => Promise<void>> {
  const [networks, volumes] = await Promise.all([missingNetworks(job, spec), missingVolumes(job, spec)])
  const made: string[] = []
  const takeBack = async (): Promise<void> => {
    for (const name of volumes) await quietly(job, name, () => job.docker.getVolume(name).remove())
    for (const name of made) await quietly(job, name, () => job.docker.getNetwork(name).remove())
  }
  try {
    for (const Name of networks) {
      await asking({ side: 'engine' }, () =>
        job.docker.createNetwork({ Name, Labels: { [madeLabel]: spec.name }, CheckDuplicate: true }),
      )
      made.push(Name)
      job.log(`network ${Name}: made`)
    }
  } catch (thrown) {
    await takeBack()
    throw thrown
  }
  return takeBack
}

/** Removes the named volumes of a deployment that is gone; one that something else uses stays, which the log says. */
export async function removeVolumes(job: Job, names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      await asking({ side: 'engine' }, () => job.docker.getVolume(name).remove())
      job.log(`volume ${name}: removed`)
    } catch (thrown) {
      const status = statusOf(thrown)
      if (status !== 404 && status !== 409) throw thrown
      if (status === 409) job.log(`volume ${name}: stays, since something else uses it`)
    }
  }
}

/** Removes networks that were made for a deployment and that nothing is in any more. */
export async function removeNetworks(job: Job, spec: DeploymentSpec): Promise<void> {
  for (const name of spec.networks) {
    await quietly(job, name, async () => {
      const { Labels, Containers } = Network.parse(await job.docker.getNetwork(name).inspect())
      if (!Labels?.[madeLabel] || Object.keys(Containers ?? {}).length > 0) return
      await job.docker.getNetwork(name).remove()
      job.log(`network ${name}: removed`)
    })
  }
}

async function missingNetworks(job: Job, spec: DeploymentSpec): Promise<string[]> {
  if (spec.networks.length === 0) return []
  const list = await asking({ side: 'engine' }, async () => Networks.parse(await job.docker.listNetworks()))
  const names = new Set(['host', 'none', 'bridge', 'default', ...list.map(({ Name }) => Name)])
  return spec.networks.filter((name) => !names.has(name))
}

async function missingVolumes(job: Job, spec: DeploymentSpec): Promise<string[]> {
  const wanted = volumeNames(spec)
  if (wanted.length === 0) return []
  const list = await asking({ side: 'engine' }, async () => Volumes.parse(await job.docker.listVolumes()))
  const names = new Set((list.Volumes ?? []).map(({ Name }) => Name))
  return wanted.filter((name) => !names.has(name))
}

/** For clearing up: not being there is no failure, and any other is for the log. */
async function quietly(job: Job, name: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (thrown) {
    if (statusOf(thrown) === 404) return
    const error = thrown instanceof AppError ? thrown : toAppError(thrown)
    job.log(`${name}: not removed: ${error.detail ?? error.code}`)
  }
}
