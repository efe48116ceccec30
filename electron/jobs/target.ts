import { setTimeout as pause } from 'node:timers/promises'
import { AppError, toAppError } from '@shared/error'
import { formatReference, referenceOf } from '@shared/reference'
import type { FetchedManifest } from '../registry/client'
import { throwIfAborted } from './engine-access'
import { ask, digestOf, type RegistryAccess } from './registry-access'

/** A tag that a job is going to write, and the digest that the user agreed to cover there. */
export interface Target {
  registryId: string
  repository: string
  tag: string
  replaces: string | null
}

/** Milliseconds between the questions whether a tag has arrived; a registry of several parts may need a moment. */
export const defaultPauses: readonly number[] = [300, 1500]

/** The target in full, `host/repository:tag`. */
export const targetName = (registries: Pick<RegistryAccess, 'host'>, target: Target): string =>
  formatReference(referenceOf(registries.host(target.registryId), target.repository, target.tag))

/**
 * Refuses to cover what the user did not agree to: TAG_EXISTS, or TAG_CHANGED where the tag moved since they did. Answers
 * the digest where the tag names what is to be written already (`isSame`), so that nothing is to be done; else null.
 */
export async function checkTarget(
  registries: RegistryAccess,
  target: Target,
  isSame: (held: FetchedManifest) => boolean,
  signal: AbortSignal,
): Promise<string | null> {
  const { registryId, repository, tag, replaces } = target
  const digest = await ask(registries, target, (client) => digestOf(client, repository, tag, { signal }))
  if (digest === null || digest === replaces) return null
  const same = await ask(registries, target, async (client) => {
    return isSame(await client.fetchManifest(repository, digest, { signal }))
  }).catch((thrown: unknown) => {
    // Nothing that is written today can be the same image.
    if (toAppError(thrown).code === 'SCHEMA1_UNSUPPORTED') return false
    throw thrown
  })
  if (same) return digest
  const reference = targetName(registries, target)
  const context = { side: 'registry', registryId, repository, tag, digest, reference } as const
  throw new AppError(replaces === null ? 'TAG_EXISTS' : 'TAG_CHANGED', context)
}

/** Asks the registry until the tag names the digest; NOT_VERIFIED where it does not after the last pause. */
export async function verifyTarget(
  registries: RegistryAccess,
  target: Target,
  digest: string,
  { signal, pauses = defaultPauses }: { signal: AbortSignal; pauses?: readonly number[] },
): Promise<void> {
  const { registryId, repository, tag } = target
  let found: string | null = null
  for (const milliseconds of [0, ...pauses]) {
    if (milliseconds > 0) await pause(milliseconds)
    throwIfAborted(signal)
    found = await ask(registries, target, (client) => digestOf(client, repository, tag, { signal }))
    if (found === digest) return
  }
  const reference = targetName(registries, target)
  throw new AppError(
    'NOT_VERIFIED',
    { side: 'registry', registryId, repository, tag, digest, reference },
    { detail: found === null ? 'The registry does not know the tag.' : `The registry answers ${found}.` },
  )
}
