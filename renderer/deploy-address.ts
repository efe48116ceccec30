/** The address of the Deploy form: which image it is filled from, or which deployment it changes. */
import type { CallInput } from '@shared/contract'
import type { LocationQuery, RouteLocationRaw } from 'vue-router'

export type DeploySource = CallInput<'deployment:prefill'>['source']

/** `image`: a new deployment of it; `change`: one that runs; `empty`: a new one whose image a description file names. */
export type DeployQuestion =
  | { kind: 'image'; source: DeploySource; platform: string | null; poolId: string | null }
  | { kind: 'change'; poolId: string; id: string }
  | { kind: 'empty'; poolId: string | null }

/** Where the form opens for an image of a registry (`reference` a tag or digest) or of the local engine. */
export function deployAddress(source: DeploySource, platform: string | null = null): RouteLocationRaw {
  const { kind: from, ...image } = source
  return { name: 'deploy', query: { from, ...image, ...(platform ? { platform } : {}) } }
}

/** Where the settings of a deployment that runs are changed. */
export const changeAddress = (poolId: string, id: string): RouteLocationRaw => ({
  name: 'deploy',
  query: { poolId, id },
})

/** What an address asks for; one that names nothing whole is `empty`. */
export function deployQuestion(query: LocationQuery): DeployQuestion {
  const text = (name: string): string | null => {
    const value = query[name]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const [poolId, id, from] = [text('poolId'), text('id'), text('from')]
  const [registryId, repository, reference] = [text('registryId'), text('repository'), text('reference')]
  const platform = text('platform')
  if (poolId && id) return { kind: 'change', poolId, id }
  if (from === 'registry' && registryId && repository && reference)
    return { kind: 'image', source: { kind: from, registryId, repository, reference }, platform, poolId }
  if (from === 'local' && reference)
    return { kind: 'image', source: { kind: from, reference }, platform, poolId }
  return { kind: 'empty', poolId }
}
