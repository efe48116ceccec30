/** What a change leaves that was cut off with the program, and how the next one goes on from there. */
import { isDeepStrictEqual } from 'node:util'
import { toAppError } from '@shared/error'
import type { Change } from '../driver'
import { inspectReady } from './image'
import { createRecord, type Made, removeAll, rename } from './instance'
import type { Job } from './job'
import { instanceName, recordName } from './names'
import { findOurs, type Ours, type Owned } from './ours'
import { secretNames } from './secrets-in'
import { volumeNames } from './surroundings'

/**
 * Ends a switch to new instances that was cut off behind its point of no return: the old ones are gone, so those that serve get
 * their names; likewise a record. Answers what is there then.
 */
export async function endSwitch(job: Job, ours: Ours): Promise<Ours> {
  const { spec, version } = ours
  if (spec === null) return ours
  const taken = new Set(ours.instances.map(({ instance }) => instance))
  const serving = ours.halfMade.filter(
    (one) => one.role === 'next' && one.version === version && !taken.has(one.instance),
  )
  const isSwitched = serving.length > 0 && taken.size + serving.length <= spec.instances
  const name = recordName(spec.name)
  const newest = ours.records.find((one) => one.name !== name && one.version === version)
  if (!isSwitched && !newest) return ours
  if (isSwitched) {
    for (const { id, instance } of serving) await rename(job, id, instanceName(spec.name, instance))
  }
  if (newest) {
    await removeAll(
      job,
      ours.records.filter((one) => one !== newest),
    )
    await rename(job, newest.id, name)
  }
  return (await findOurs(job.docker, ours.id)) ?? ours
}

/** Whether what is in force is what an earlier attempt at this very change has made, which was cut off before it was told. */
export function isOwnVersion(ours: Ours, { spec, reason, baseVersion }: Change): boolean {
  const [newest] = ours.versions
  if (baseVersion === null || ours.version !== baseVersion + 1) return false
  return newest?.reason === reason && isDeepStrictEqual(newest.spec, spec)
}

/**
 * The records of a deployment that is about to be removed, one of them made for it where something has to be cleared up behind its
 * instances: while it is there, a removal that was cut off can be gone on with.
 */
export async function recordToTheLast(job: Job, ours: Ours): Promise<Pick<Made, 'id' | 'name'>[]> {
  const { id, spec, records } = ours
  const [newest, ...older] = ours.versions
  const one: Owned | undefined = [...ours.instances, ...ours.halfMade][0]
  if (records.length > 0 || !spec || !newest || !one) return records
  const leaves = [spec.networks, volumeNames(spec), secretNames(spec)]
  if (leaves.every((names) => names.length === 0)) return records
  try {
    const image = await inspectReady(job, one.imageId)
    if (!image) return records
    return [await createRecord(job, { id, spec, image, versions: [newest, ...older] }, recordName(spec.name))]
  } catch (thrown) {
    // It is for the case that the program ends in between; the removal itself does not need it.
    job.log(`${recordName(spec.name)}: not made: ${toAppError(thrown).message}`)
    return records
  }
}
