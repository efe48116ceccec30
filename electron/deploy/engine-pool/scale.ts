import { AppError } from '@shared/error'
import type { Address, DeploymentVersion } from '@shared/running'
import type { Change, ChangeContext } from '../driver'
import type { Done } from './change'
import { isOwnVersion } from './cut-off'
import { inspectReady, obtainImage, type ReadyImage } from './image'
import {
  allOf,
  createInstance,
  createRecord,
  discard,
  type Made,
  type Mold,
  removeAll,
  rename,
  retire,
  startAll,
} from './instance'
import type { Job } from './job'
import { instanceName, recordName } from './names'
import type { Ours, Owned } from './ours'
import { becomeReady } from './ready'
import { upTo, versionOf } from './version'

/** More or fewer instances of the version that runs; those that stay are not touched, but started where they were stopped. */
export async function scale(job: Job, ours: Ours, change: Change, context: ChangeContext): Promise<Done> {
  const { id, spec } = change
  const image = (await imageOf(job, ours)) ?? (await obtainImage(job, spec.image, spec.platform, context))
  const digest = ours.versions[0]?.digest ?? image.digest
  const [newest, ...older] = ours.versions
  // A scaling that was cut off has noted its version already.
  const versions: Mold['versions'] =
    newest && isOwnVersion(ours, change)
      ? [newest, ...older]
      : [versionOf(change, ours.version + 1, digest), ...ours.versions]
  const mold: Mold = { id, spec, versions, image, secrets: context.secrets }
  // Those that do not run go first.
  const ordered = [...ours.instances].sort(
    (a, b) => Number(b.running) - Number(a.running) || a.instance - b.instance,
  )
  const kept = ordered.slice(0, spec.instances)
  const surplus = ordered.slice(spec.instances)
  const addresses = await grow(job, kept, mold)
  if (spec.instances <= ours.instances.length) await record(job, ours, mold)
  else await removeAll(job, ours.records)
  if (surplus.length > 0) {
    job.tell('stopping')
    await retire(job, surplus, ours.spec)
  }
  return { digest, addresses }
}

/** One instance fewer, and which; the next version says so. */
export async function withoutInstance(job: Job, ours: Ours, instance: Owned): Promise<void> {
  const [newest] = ours.versions
  const image = await imageOf(job, ours)
  if (!newest || !image) throw new AppError('DEPLOYMENT_INVALID', { side: 'pool', deployment: ours.name })
  const spec = { ...newest.spec, instances: Math.max(0, ours.instances.length - 1) }
  const version: DeploymentVersion = {
    ...{ spec, digest: newest.digest, at: Date.now() },
    ...{ version: ours.version + 1, reason: 'scale' },
  }
  await record(job, ours, { id: ours.id, spec, image, versions: [version, ...ours.versions] })
  job.tell('stopping')
  await retire(job, [instance], newest.spec)
}

async function grow(job: Job, kept: readonly Owned[], mold: Mold): Promise<Address[]> {
  const { spec } = mold
  const taken = new Set(kept.map(({ instance }) => instance))
  const missing = upTo(spec.instances).filter((number) => !taken.has(number))
  const numbers = missing.slice(0, spec.instances - kept.length)
  const made: Made[] = []
  const asleep = kept.filter(({ running }) => !running)
  try {
    job.to('creating')
    await allOf(numbers, async (number) => {
      job.check()
      made.push(await createInstance(job, mold, number, instanceName(spec.name, number)))
    })
    job.to('starting')
    await startAll(job, [...asleep, ...made])
    return await becomeReady(job, [...kept, ...made], spec)
  } catch (thrown) {
    job.tell('cleaning')
    // Those of an earlier attempt too, which was cut off.
    const before = kept.filter(({ version }) => version === mold.versions[0].version)
    await discard(job, before.length < kept.length ? [...made, ...before] : made)
    throw thrown
  }
}

/** Where no instance is made anew, none carries the new version. */
async function record(job: Job, ours: Ours, mold: Omit<Mold, 'secrets'>): Promise<void> {
  const name = recordName(mold.spec.name)
  const made = await createRecord(job, mold, ours.records.length > 0 ? `${name}.next` : name)
  if (ours.records.length === 0) return
  await removeAll(job, ours.records)
  await rename(job, made.id, name)
}

/** The very image that the instances were made of; what its tag names by now is for an upgrade. */
async function imageOf(job: Job, ours: Ours): Promise<ReadyImage | null> {
  const [one] = [...ours.instances, ...ours.records]
  return one ? inspectReady(job, one.imageId) : null
}
