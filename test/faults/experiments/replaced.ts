import { setTimeout as pause } from 'node:timers/promises'
import type { JobRequest } from '@shared/job'
import { makeAuthority } from '../../lab/certificate'
import { httpGet } from '../../lab/http-get'
import { buildImage, type Image } from '../../lab/oci-image'
import { type Registry, startRegistry } from '../../lab/registry'
import { temporaryFolder, type TemporaryFolder } from '../../lab/temporary'
import { until } from '../../lab/until'
import { type Counts, type Experiment, noCounts } from '../experiment'
import { type Points, startChallenger, startPoints, startPortal } from '../impostors'
import { inWorld, type Scene } from '../in-world'
import { Oracle } from '../oracle'
import { Random } from '../random'
import { type Kind, type WorldOptions, withoutEngine } from '../world'

const variants = ['empty', 'other-content', 'certificate', 'realm', 'page'] as const
type Variant = (typeof variants)[number]

/** What answers under the host from some moment on; `wrong` says afterwards what it must not have been told or lost. */
interface Replacement {
  host: string
  registry: Registry | null
  wrong(): Promise<string[]>
  stop(): Promise<void>
}

const kinds: readonly Kind[] = [...withoutEngine, 'retag', 'rename', 'restore']

/** Another registry answers under the host: nothing of it is taken for the first one's, or taken away in its place. */
export const registryReplaced: Experiment = {
  name: 'registry-replaced',
  what: 'another registry under the host, between and under jobs: empty, other content, certificate, realm, a page',
  ...{ quick: true, few: 2, full: 40 },
  async run(seed, runs) {
    const random = new Random(seed)
    const total: Counts = noCounts()
    for (let run = 0; run < runs; run += 1) {
      const variant = variants[run % variants.length] ?? 'empty'
      // Few runs have both too.
      const isUnderJobs = (run + Math.floor(run / variants.length)) % 2 === 1
      const counts = await replaceIn(variant, isUnderJobs, `x${seed}-${run}`, random)
      for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += counts[name]
    }
    return total
  },
}

async function replaceIn(
  variant: Variant,
  isUnderJobs: boolean,
  name: string,
  random: Random,
): Promise<Counts> {
  const folder = temporaryFolder('replaced')
  let points!: Points
  const options: WorldOptions = {
    before: async (host) => (points = await startPoints(host)),
    ...(variant === 'certificate' && pinned(folder)),
    ...(variant === 'realm' && { target: { auth: 'basic' } }),
  }
  try {
    return await inWorld(options, async (scene) => {
      const { world } = scene
      if (variant === 'certificate' || variant === 'realm') await world.signIn()
      const before = await scene.oracle.settings()
      const requests: JobRequest[] = []
      for (const kind of kinds) requests.push(await world.request(kind, `${name}-${kind}`, 200_000))
      const { id: registryId } = world.registries.target
      // Seen once, so that the cache has something that could be mixed up.
      const place = { registryId, repository: `727524/${name}-delete` }
      await world.program.call('repository:read', { ...place, refresh: 'force' })
      const replacement = await replacementOf(variant, requests, !isUnderJobs)
      try {
        world.way.faults.delay = 20
        if (!isUnderJobs) points.to = replacement.host
        if (!isUnderJobs) points.cutAll()
        const accepted = await world.enqueue(requests)
        if (isUnderJobs) {
          await pause(random.below(1500))
          points.to = replacement.host
          if (random.next() < 0.7) points.cutAll()
        }
        const jobs = await world.program.settled()
        delete world.way.faults.delay
        scene.states.note(jobs, jobs)
        // What either of the two registries holds may be called done.
        const oracle = new Oracle(world, undefined, replacement.registry)
        await oracle.jobs(accepted, jobs)
        add(scene.oracle.counts, oracle.counts)
        for (const words of await replacement.wrong()) scene.oracle.count('lost', `${variant}: ${words}`)
        // What is open still leads to the first one, and shows that rightly.
        points.cutAll()
        if (replacement.registry && variant !== 'certificate') await notMixed(scene, place, variant)
        points.to = world.target.host
        points.cutAll()
        await backAgain(scene, accepted, oracle)
        await scene.oracle.sameSettings(before)
        scene.oracle.counts.runs += 1
      } finally {
        await replacement.stop()
      }
    })
  } finally {
    folder.remove()
  }
}

/** A registry whose very certificate is trusted, and nothing else. */
function pinned(folder: TemporaryFolder): Pick<WorldOptions, 'target' | 'targetDraft'> {
  const authority = makeAuthority(folder.path)
  const certificate = authority.issue('registry', { names: ['127.0.0.1'] })
  return {
    target: { auth: 'basic', tls: true, authority, certificate },
    targetDraft: { protocol: 'https', trust: { kind: 'pem', pem: certificate.pem } },
  }
}

async function replacementOf(
  variant: Variant,
  requests: readonly JobRequest[],
  isBetween: boolean,
): Promise<Replacement> {
  if (variant === 'page' || variant === 'realm') {
    const impostor = await (variant === 'page' ? startPortal() : startChallenger())
    const wrong = (): Promise<string[]> =>
      Promise.resolve(impostor.told.map(() => 'the account was sent to a realm of another host'))
    return { host: impostor.host, registry: null, wrong, stop: () => impostor.stop() }
  }
  const isSecure = variant === 'certificate'
  const registry = await startRegistry({ name: 'another', tls: isSecure })
  const other = buildImage({ seed: 'another', format: 'oci', layers: [{ size: 2000, share: 1 }] })
  if (variant === 'other-content')
    for (const request of requests)
      if ('repository' in request) registry.storage.put(request.repository, other, 'v0', 'v1', 'stays')
  const wrong = async (): Promise<string[]> => {
    if (isSecure) return registry.accessLog().map(() => 'a request was sent to one with another certificate')
    return variant === 'other-content' ? touched(registry, other, requests, isBetween) : []
  }
  return { host: registry.host, registry, wrong, stop: () => registry.stop() }
}

/** Tags of the other registry that are not what they were. One that is written while it is exchanged cannot be told in time. */
async function touched(
  registry: Registry,
  { manifest }: Image,
  requests: readonly JobRequest[],
  isBetween: boolean,
): Promise<string[]> {
  const words: string[] = []
  for (const request of requests) {
    if (!('repository' in request)) continue
    const isWriting = !request.kind.startsWith('delete')
    for (const tag of ['v0', 'v1', 'stays']) {
      if (isWriting && tag === 'v1' && !isBetween) continue
      const url = `${registry.url}/v2/${request.repository}/manifests/${tag}`
      const { headers } = await httpGet(url, { headers: { accept: manifest.mediaType } })
      if (headers['docker-content-digest'] !== manifest.digest)
        words.push(`${request.kind}: ${tag} of the other registry is not what it was`)
    }
  }
  return words
}

/** What is shown is the content of one registry: the one that answers. */
async function notMixed(
  { world, oracle }: Scene,
  place: { registryId: string; repository: string },
  variant: Variant,
): Promise<void> {
  const wanted = variant === 'empty' ? '' : 'stays v0 v1'
  const tags = async (): Promise<string> => {
    const read = await world.program.call('repository:read', { ...place, refresh: 'force' }).catch(() => null)
    return (read?.tags ?? [])
      .map(({ name }) => name)
      .sort()
      .join(' ')
  }
  await until('the other tags', async () => (await tags()) === wanted, { timeout: 10_000 }).catch(async () =>
    oracle.count('lost', `${variant}: shows the tags ${await tags()}`),
  )
}

/** The first registry is back: what failed must be done when it is tried again. */
async function backAgain(
  { world, oracle }: Scene,
  accepted: Awaited<ReturnType<Scene['world']['enqueue']>>,
  both: Oracle,
): Promise<void> {
  for (const { id, state } of await world.program.jobs())
    if (accepted.some((one) => one.id === id) && state === 'failed')
      await world.program.call('job:retry', { id, replaces: null })
  const jobs = await world.program.settled()
  await both.jobs(accepted, jobs)
  for (const { id, request } of accepted) {
    const job = jobs.find((one) => one.id === id)
    const isGone = request.kind.startsWith('delete') && job?.error?.code === 'MANIFEST_UNKNOWN'
    if (job?.state !== 'succeeded' && !isGone)
      oracle.count('lost', `${request.kind}: ${JSON.stringify(job?.error)} when the first one was back`)
  }
}

function add(to: Counts, counts: Counts): void {
  for (const name of Object.keys(to) as (keyof Counts)[]) to[name] += counts[name]
}
