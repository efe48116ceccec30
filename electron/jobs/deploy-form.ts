import type { CallInput } from '@shared/contract'
import type { DeploymentImage, DeploymentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import { Config, formatPlatform, isAttestation } from '@shared/oci'
import { formatReference, isDigest, parseReference, referenceOf } from '@shared/reference'
import { imageConfig } from '../browse/image-config'
import { prefill } from '../deploy/prefill'
import type { Engine } from '../engine/engine'
import { isSamePlatform } from './platform'
import type { PoolAccess } from './pool-access'
import { ask, type Client, type RegistryAccess } from './registry-access'

export interface DeployFormParts {
  registries: RegistryAccess
  engine: Pick<Engine, 'state' | 'rawImage'>
  pools: PoolAccess
}

export type FormRequest = CallInput<'deployment:prefill'>

/** Fills a form from an image's config: a registry's by a few requests, a local one's by asking its engine. */
export function createDeployForm(parts: DeployFormParts): (request: FormRequest) => Promise<DeploymentSpec> {
  return async ({ poolId, source, platform }) => {
    if (source.kind === 'local') return local(parts, source.reference, poolId)
    const { registryId, repository, reference } = source
    const wanted = platform ?? platformOf(parts, poolId)
    const config = await ask(parts.registries, source, (client) =>
      configOf(client, repository, reference, wanted),
    )
    const image: DeploymentImage = {
      reference: formatReference(referenceOf(parts.registries.host(registryId), repository, reference)),
      digest: isDigest(reference) ? reference : null,
      ...{ registryId, repository, tag: isDigest(reference) ? null : reference, delivery: 'pull' },
    }
    return { ...prefill(image, imageConfig(config)), platform }
  }
}

function platformOf({ pools, engine }: DeployFormParts, poolId: string | null): string | null {
  return pools.list().pools.find(({ id }) => id === poolId)?.platform ?? engine.state.platform
}

/** The config of the image for a platform, or where there is none for it of the first: its ports and folders are the same. */
async function configOf(
  client: Client,
  repository: string,
  reference: string,
  platform: string | null,
): Promise<Config> {
  const { content } = await client.fetchManifest(repository, reference)
  if (content.kind === 'manifest') {
    return (await client.fetchConfig(repository, content.manifest.config)).config
  }
  const entries = content.index.manifests.filter((entry) => !isAttestation(entry))
  const fits = entries.find(
    (entry) =>
      platform !== null && entry.platform && isSamePlatform(formatPlatform(entry.platform), platform),
  )
  const chosen = fits ?? entries[0]
  const context = { side: 'registry' as const, repository, reference }
  if (!chosen) throw new AppError('MANIFEST_INVALID', context, { detail: 'The index names no image.' })
  const inner = await client.fetchManifest(repository, chosen.digest)
  if (inner.content.kind === 'index') {
    throw new AppError('MANIFEST_INVALID', context, { detail: 'An index within an index.' })
  }
  return (await client.fetchConfig(repository, inner.content.manifest.config)).config
}

/** There already where the pool's engine has it; sent from the local engine otherwise. */
async function local(
  { engine, pools }: DeployFormParts,
  reference: string,
  poolId: string | null,
): Promise<DeploymentSpec> {
  const inPool = poolId === null ? null : await inspectInPool(pools, poolId, reference)
  const raw = inPool ?? (await engine.rawImage(reference))
  const parsed = parseReference(reference)
  const image: DeploymentImage = {
    ...{ reference, digest: null, registryId: null },
    ...{ repository: parsed?.repository ?? null, tag: parsed?.tag ?? null },
    delivery: inPool ? 'present' : 'send',
  }
  const inner = typeof raw === 'object' && raw !== null && 'Config' in raw ? raw.Config : null
  const config = Config.safeParse({ config: inner })
  return prefill(image, config.success ? imageConfig(config.data) : null)
}

async function inspectInPool(pools: PoolAccess, poolId: string, reference: string): Promise<unknown> {
  try {
    const { connection } = await pools.driver(poolId)
    return await connection.docker.getImage(reference).inspect()
  } catch {
    // Not there; or the pool does not answer now, which the plan is going to say: the form is filled all the same.
    return null
  }
}
