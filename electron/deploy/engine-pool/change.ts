import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { DeploymentImage, DeploymentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import type { Address, DeploymentVersion } from '@shared/running'
import type { Change, ChangeContext } from '../driver'
import { deploymentLabels } from '../model/labels'
import { publishedPorts } from '../model/ports'
import { asking } from './error'
import { endSwitch, isOwnVersion } from './cut-off'
import { obtainImage } from './image'
import {
  createInstance,
  createRecord,
  discard,
  type Made,
  type Mold,
  removeAll,
  startAll,
  allOf,
} from './instance'
import type { Job } from './job'
import { instanceName, recordName } from './names'
import { findOurs, type Ours } from './ours'
import { becomeReady } from './ready'
import { replaceAll } from './replace'
import { scale } from './scale'
import { prepareSurroundings } from './surroundings'
import { upTo, versionOf } from './version'

export interface Done {
  digest: string | null
  addresses: Address[]
}

/** Brings a deployment to a spec; see `PoolDriver.apply`. */
export async function applyChange(job: Job, change: Change, context: ChangeContext): Promise<Done> {
  const { id, spec, baseVersion } = change
  job.to('preparing')
  checkPorts(spec)
  const [left] = await Promise.all([findOurs(job.docker, id), checkNames(job, spec, id)])
  const found = left && (await endSwitch(job, left))
  checkBase(job, found, change)
  const ours = await leftovers(job, found, baseVersion)
  if (!ours) return deployNew(job, change, context)
  if (isOwnVersion(ours, change)) return goOn(job, ours, change, context)
  if (isScale(ours, change)) return scale(job, ours, change, context)
  return upgrade(job, ours, change, context)
}

async function deployNew(job: Job, change: Change, context: ChangeContext): Promise<Done> {
  const { id, spec } = change
  const image = await obtainImage(job, spec.image, spec.platform, context)
  const versions = [versionOf(change, 1, image.digest)] as const
  const mold: Mold = { id, spec, versions, image, secrets: context.secrets }
  job.to('creating')
  const takeBack = await prepareSurroundings(job, spec)
  const made: Made[] = []
  try {
    if (spec.instances === 0) made.push(await createRecord(job, mold, recordName(spec.name)))
    await allOf(upTo(spec.instances), async (number) => {
      job.check()
      made.push(await createInstance(job, mold, number, instanceName(spec.name, number)))
    })
    const instances = made.filter(({ instance }) => instance > 0)
    job.to('starting')
    await startAll(job, instances)
    return { digest: image.digest, addresses: await becomeReady(job, instances, spec) }
  } catch (thrown) {
    job.tell('cleaning')
    await discard(job, made)
    await takeBack()
    throw thrown
  }
}

async function upgrade(job: Job, ours: Ours, change: Change, context: ChangeContext): Promise<Done> {
  const { id, spec } = change
  const wanted = change.reason === 'rollback' ? pinnedAsBefore(spec, ours.versions) : spec.image
  const image = await obtainImage(job, wanted, spec.platform, context)
  const versions = [versionOf(change, ours.version + 1, image.digest), ...ours.versions] as const
  const mold: Mold = { id, spec, versions, image, secrets: context.secrets }
  const takeBack = await prepareSurroundings(job, spec)
  try {
    return { digest: image.digest, addresses: await replaceAll(job, ours, mold) }
  } catch (thrown) {
    // What serves on is in none of them.
    await takeBack()
    throw thrown
  }
}

/** What an earlier attempt has brought into force is brought to its end. */
async function goOn(job: Job, ours: Ours, change: Change, context: ChangeContext): Promise<Done> {
  const before = ours.versions[1]?.spec ?? null
  if (isScale({ ...ours, spec: before }, change)) return scale(job, ours, change, context)
  job.to('starting')
  await startAll(job, ours.instances)
  return {
    digest: ours.versions[0]?.digest ?? null,
    addresses: await becomeReady(job, ours.instances, change.spec),
  }
}

/** Back to what ran then, and not to what its tag names by now. */
function pinnedAsBefore(spec: DeploymentSpec, versions: readonly DeploymentVersion[]): DeploymentImage {
  const { image } = spec
  if (image.digest !== null) return image
  const before = versions.slice(1).find((version) => isSame(version.spec, spec) && version.digest !== null)
  return before ? { ...image, digest: before.digest } : image
}

/** Whether two specs make the same instances, however many. */
const isSame = (a: DeploymentSpec, b: DeploymentSpec): boolean =>
  isDeepStrictEqual({ ...a, instances: 0 }, { ...b, instances: 0 })

function isScale(ours: Pick<Ours, 'spec'>, { spec, reason }: Change): boolean {
  const before = ours.spec
  if (before === null || (reason !== 'scale' && reason !== 'change')) return false
  return isSame(before, spec) && (before.instances !== spec.instances || reason === 'scale')
}

/** What an earlier attempt at the same change has left is removed; answers what is in force. */
async function leftovers(job: Job, ours: Ours | null, baseVersion: number | null): Promise<Ours | null> {
  if (!ours) return null
  await removeAll(job, ours.halfMade)
  const inForce = [...ours.instances, ...ours.records]
  if (inForce.length === 0) return null
  if (!isOwnAttempt(ours, baseVersion)) return ours
  await removeAll(job, inForce)
  return null
}

/** The id of a new deployment is new: what is there of its first version was made by an attempt that was cut off. */
const isOwnAttempt = (ours: Ours, baseVersion: number | null): boolean =>
  baseVersion === null && ours.version === 1

function checkBase(job: Job, ours: Ours | null, change: Change): void {
  const { id, spec, baseVersion } = change
  const context = { side: 'pool' as const, deployment: spec.name, pool: job.connection.name }
  if (!ours && baseVersion !== null) {
    throw new AppError('DEPLOYMENT_UNKNOWN', { ...context, deployment: spec.name || id })
  }
  const isOwn = ours && (isOwnAttempt(ours, baseVersion) || isOwnVersion(ours, change))
  if (ours && ours.version !== baseVersion && !isOwn) {
    const detail = `Version ${ours.version} runs${baseVersion === null ? '' : `, not ${baseVersion}`}.`
    throw new AppError('DEPLOYMENT_CHANGED', context, { detail })
  }
}

/** Instances on one engine cannot share a host port. */
function checkPorts(spec: DeploymentSpec): void {
  const fixed = publishedPorts(spec).find(({ host }) => host !== null)
  if (!fixed || spec.instances <= 1) return
  const context = { side: 'pool' as const, field: 'ports', port: `${fixed.host}/${fixed.protocol}` }
  const detail = `${spec.instances} instances on one engine cannot share host port ${fixed.host}.`
  throw new AppError('DEPLOYMENT_INVALID', { ...context, deployment: spec.name }, { detail })
}

const Names = z.array(
  z.object({
    Names: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish().catch(null),
  }),
)

/** NAME_TAKEN where a container that is not the deployment's own has a name that it needs. */
async function checkNames(job: Job, spec: DeploymentSpec, id: string): Promise<void> {
  const list = await asking({}, async () => Names.parse(await job.docker.listContainers({ all: true })))
  const wanted = new Set([
    recordName(spec.name),
    ...upTo(spec.instances).map((number) => instanceName(spec.name, number)),
  ])
  for (const { Names: names, Labels } of list) {
    if (Labels?.[deploymentLabels.id] === id) continue
    const taken = names?.map((name) => name.replace(/^\//, '')).find((name) => wanted.has(name))
    const sameName = Labels?.[deploymentLabels.name] === spec.name
    if (taken === undefined && !sameName) continue
    const detail = `A container ${taken ?? names?.[0] ?? ''} has it.`
    throw new AppError(
      'NAME_TAKEN',
      { side: 'pool', deployment: spec.name, pool: job.connection.name },
      { detail },
    )
  }
}
