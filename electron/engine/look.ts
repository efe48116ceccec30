import type Dockerode from 'dockerode'
import { z } from 'zod'
import { AppError } from '@shared/error'
import { withDeadline } from './deadline'
import { dial } from './dial'
import { toEngineError } from './error'
import type { Target } from './target'

/** An engine that answered. */
export interface Found {
  target: Target
  docker: Dockerode
  product: 'docker' | 'podman'
  version: string
  /** `linux/amd64` */
  platform: string
}

/** No engine answered: where one was expected (null: nowhere), and why not. */
export interface NotFound {
  target: Target | null
  error: AppError
}

const patience = 3000
/**
 * Signing in over ssh and starting a program there takes its time. So does Podman's version on a busy machine: it starts a
 * package manager several times to tell it. An engine that has answered a ping is there, however long that takes.
 */
const longPatience = 20_000

/** A stranger's word on one line; longer ones are no versions. */
const Word = z.string().transform((text) => text.replace(/\p{C}/gu, ' ').trim().slice(0, 80))
const Version = z.object({
  Version: Word,
  Os: Word,
  Arch: Word,
  Components: z.array(z.object({ Name: z.string() })).nullish(),
})

/**
 * Looks for the engine. With a choice, only there. With `auto`: only where docker was told to look, if it was; else where we
 * were connected last (`last`, an id); else the first in order that answers.
 */
export async function look(
  targets: readonly Target[],
  choice: string,
  last: string | null,
  signal: AbortSignal,
): Promise<Found | NotFound> {
  const tried = targetsToTry(targets, choice, last)
  if (tried.length === 0) {
    const detail = choice === 'auto' ? null : 'The chosen engine is not there any more.'
    return { target: null, error: new AppError('ENGINE_MISSING', { side: 'engine' }, { detail }) }
  }
  // All at once, so that one that hangs does not keep the next from answering; the order still decides.
  const answers = tried.map((target) => tryTarget(target, signal))
  const failed: NotFound[] = []
  for (const answer of answers) {
    const found = await answer
    if ('docker' in found) return found
    failed.push(found)
  }
  // "Permission denied" tells more than "not running".
  const telling = failed.find(({ error }) => error.code === 'ENGINE_DENIED') ?? failed[0]
  return telling ?? { target: null, error: new AppError('ENGINE_MISSING', { side: 'engine' }) }
}

function targetsToTry(targets: readonly Target[], choice: string, last: string | null): Target[] {
  if (choice !== 'auto') return targets.filter((target) => target.endpoint.id === choice)
  const explicit = targets.find((target) => target.explicit)
  if (explicit) return [explicit]
  const before = targets.find((target) => target.endpoint.id === last)
  if (before) return [before]
  return targets.filter((target) => target.present && target.endpoint.source !== 'context')
}

async function tryTarget(target: Target, signal: AbortSignal): Promise<Found | NotFound> {
  try {
    return await identify(await dial(target), target, signal)
  } catch (error) {
    return { target, error: toEngineError(error, { host: target.endpoint.host }) }
  }
}

/** Asks a client who is there; rejects with an AppError. */
export async function identify(docker: Dockerode, target: Target, signal: AbortSignal): Promise<Found> {
  const limit = target.endpoint.host.startsWith('ssh://') ? longPatience : patience
  await ping(docker, limit, signal)
  const answer = await withDeadline(longPatience, signal, (inner) => ask(docker.version, docker, inner))
  const version = Version.safeParse(answer)
  if (!version.success) {
    throw new AppError('ENGINE_FAILED', { side: 'engine' }, { detail: 'This is not a container engine.' })
  }
  const { Version: number, Os, Arch, Components } = version.data
  const product = Components?.some(({ Name }) => Name.startsWith('Podman')) ? 'podman' : 'docker'
  return { target, docker, product, version: number, platform: `${Os}/${Arch}` }
}

/** Resolves when the engine answers `/_ping` in time; rejects with an AppError. */
export async function ping(docker: Dockerode, milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await withDeadline(milliseconds, signal, (inner) => ask(docker.ping, docker, inner))
  } catch (error) {
    throw toEngineError(error)
  }
}

// dockerode takes a signal here; its types do not say so.
function ask(method: () => Promise<unknown>, docker: Dockerode, abortSignal: AbortSignal): Promise<unknown> {
  const call = method as (options: { abortSignal: AbortSignal }) => Promise<unknown>
  return call.call(docker, { abortSignal })
}
