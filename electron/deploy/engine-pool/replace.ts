import { toAppError } from '@shared/error'
import type { Address } from '@shared/running'
import { portKey, publishedPorts } from '../model/ports'
import { hostPortsOf, inspectContainer } from './inspected'
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
  stopAll,
} from './instance'
import type { Job } from './job'
import { instanceName, nextName, recordName, trialName } from './names'
import type { Ours } from './ours'
import { becomeReady } from './ready'
import { upTo } from './version'

/**
 * Puts new instances in the place of those that run: the new ones first, beside them, then healthy, then the old ones go. Where
 * the new one wants a fixed host port that an old one holds, it is first tried without it; then the old one stops, the new one
 * starts, and should that fail the old one is started again. Until the switch a failure leaves everything as it was.
 */
export async function replaceAll(job: Job, ours: Ours, mold: Mold): Promise<Address[]> {
  const held = await heldPorts(job, ours, mold)
  return held.size > 0 ? inTurn(job, ours, mold, held) : sideBySide(job, ours, mold)
}

/** Fixed host ports of the new version that running old instances have, as container ports: `8080/tcp`. */
export async function heldPorts(
  job: Job,
  ours: Ours,
  { spec }: Pick<Mold, 'spec'>,
): Promise<Map<string, null>> {
  const fixed = publishedPorts(spec).filter(({ host }) => host !== null)
  if (fixed.length === 0) return new Map()
  const held = new Set<string>()
  await allOf(
    ours.instances.filter(({ running }) => running),
    async ({ id }) => hostPortsOf(await inspectContainer(job.docker, id)).forEach((port) => held.add(port)),
  )
  const conflicts = fixed.filter(({ host, protocol }) => held.has(`${host}/${protocol}`))
  return new Map(conflicts.map((port) => [portKey(port), null]))
}

async function sideBySide(job: Job, ours: Ours, mold: Mold): Promise<Address[]> {
  const { spec } = mold
  const made: Made[] = []
  let addresses: Address[]
  try {
    job.to('creating')
    await allOf(upTo(spec.instances), async (number) => {
      job.check()
      made.push(await createInstance(job, mold, number, nextName(spec.name, number)))
    })
    job.to('starting')
    await startAll(job, made)
    addresses = await becomeReady(job, made, spec)
  } catch (thrown) {
    job.tell('cleaning')
    await discard(job, made)
    throw thrown
  }
  // From here on the new ones serve, and nothing turns back.
  job.tell('switching')
  if (made.length === 0) made.push(await createRecord(job, mold, `${recordName(spec.name)}.next`))
  await takeOver(job, ours, mold, made)
  return addresses
}

async function inTurn(job: Job, ours: Ours, mold: Mold, held: ReadonlyMap<string, null>): Promise<Address[]> {
  const { spec } = mold
  await tryOut(job, mold, held)
  job.to('creating')
  const next = await createInstance(job, mold, 1, nextName(spec.name, 1))
  const serving = ours.instances.filter(({ running }) => running)
  let addresses: Address[]
  try {
    job.to('switching')
    await stopAll(job, serving, ours.spec)
    await startAll(job, [next])
    addresses = await becomeReady(job, [next], spec)
  } catch (thrown) {
    job.tell('cleaning')
    await discard(job, [next])
    await startAll(job, serving).catch((again: unknown) => {
      job.log(`what served before could not be started again: ${toAppError(again).message}`)
    })
    throw thrown
  }
  await takeOver(
    job,
    { ...ours, instances: ours.instances.map((old) => ({ ...old, running: false })) },
    mold,
    [next],
  )
  return addresses
}

/** The new version without the fixed port, beside the old one: if it cannot become healthy, nothing is interrupted. */
async function tryOut(job: Job, mold: Mold, held: ReadonlyMap<string, null>): Promise<void> {
  job.to('creating')
  const trial = await createInstance(job, mold, 1, trialName(mold.spec.name), held)
  try {
    job.to('starting')
    await startAll(job, [trial])
    await becomeReady(job, [trial], mold.spec)
  } catch (thrown) {
    job.tell('cleaning')
    await discard(job, [trial])
    throw thrown
  }
  job.log(`${trial.name}: the new version works; now it gets the port`)
  await retire(job, [{ ...trial, running: true }], mold.spec)
}

async function takeOver(job: Job, ours: Ours, { spec }: Mold, made: readonly Made[]): Promise<void> {
  job.tell('stopping')
  await stopAll(job, ours.instances, ours.spec)
  job.tell('removing')
  await removeAll(job, [...ours.instances, ...ours.records])
  for (const { id, instance } of made) {
    await rename(job, id, instance > 0 ? instanceName(spec.name, instance) : recordName(spec.name))
  }
}
