import type Dockerode from 'dockerode'
import type { DeploymentImage } from '@shared/deployment'
import { AppError, toAppError } from '@shared/error'
import type { DeployRequest, JobResult } from '@shared/job'
import { canonicalHost, parseReference } from '@shared/reference'
import type { PoolDriver } from '../deploy/driver'
import { loadArchive, sendImage } from '../deploy/engine-pool/send'
import type { DeploymentSecrets } from '../deploy/secrets'
import type { EngineAuth } from '../engine/engine'
import { type EngineAccess, engineSettled, throwIfAborted } from './engine-access'
import type { PoolAccess } from './pool-access'
import { ask, type RegistryAccess } from './registry-access'
import type { RunContext, Runner } from './runner'

export interface DeployParts {
  pools: PoolAccess
  registries: RegistryAccess
  /** The engine that local images are in. */
  engine: Pick<EngineAccess, 'state' | 'on' | 'exportImage'>
  secrets: DeploymentSecrets
}

/**
 * Brings a deployment to a spec, with the account of the image's registry for the pool's own pull. It has succeeded when the
 * instances are healthy and reachable; see `PoolDriver.apply` for what a failure leaves.
 */
export function createDeployRunner(parts: DeployParts): Runner<DeployRequest> {
  return (request, context) => deploy(parts, request, context)
}

async function deploy(parts: DeployParts, request: DeployRequest, context: RunContext): Promise<JobResult> {
  const { poolId, deploymentId: id, spec, reason, baseVersion } = request
  const { signal, report, log } = context
  report({ phase: 'preparing', completed: 0, total: null, parts: [] })
  const driver = await parts.pools.driver(poolId)
  throwIfAborted(signal)
  const running = baseVersion === null ? null : askRunning(driver, id, signal)
  const secrets = await parts.secrets.complete(id, spec, {}, running)
  const registryId = registryOf(parts.registries, spec.image)
  const auth = spec.image.delivery === 'pull' ? await authOf(parts.registries, registryId) : null
  throwIfAborted(signal)
  const { digest, addresses } = await driver.apply(
    { id, spec, reason, baseVersion },
    {
      ...{ signal, report, log, auth, secrets },
      send: (docker) => send(parts, registryId, request, docker, context),
    },
  )
  const url = addresses.find((address) => address.url !== null && !address.debug)?.url ?? null
  return { digest, references: [spec.image.reference], deployment: { poolId, id, url } }
}

/** What runs, asked for secrets; a deployment that is not there has none. */
export const askRunning =
  (driver: Pick<PoolDriver, 'secretsOf'>, id: string, signal: AbortSignal) =>
  async (names: readonly string[]): Promise<Record<string, string>> => {
    try {
      return await driver.secretsOf(id, names, signal)
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'DEPLOYMENT_UNKNOWN') return {}
      throw thrown
    }
  }

/** The registry of our list that an image is from: by its id, or (a deployment made on another machine) by its host. */
export function registryOf(registries: RegistryAccess, image: DeploymentImage): string | null {
  if (image.registryId !== null) {
    try {
      registries.host(image.registryId)
      return image.registryId
    } catch (thrown) {
      // Removed from the list, or of another machine's list: its host may be known under another id.
      if (toAppError(thrown).code !== 'REGISTRY_UNKNOWN') throw thrown
    }
  }
  const host = parseReference(image.reference)?.host
  const same = registries.snapshot?.().registries.find((one) => canonicalHost(one.host) === host)
  return image.delivery === 'present' || (image.registryId === null && image.delivery === 'send')
    ? null
    : (same?.id ?? null)
}

async function authOf(registries: RegistryAccess, registryId: string | null): Promise<EngineAuth | null> {
  return registryId === null ? null : registries.engineAuth(registryId)
}

/** From the registry into the pool's engine, or, where the image is in none of ours, out of the local engine. */
async function send(
  { registries, engine }: DeployParts,
  registryId: string | null,
  { spec }: DeployRequest,
  docker: Dockerode,
  { signal, report, log }: RunContext,
): Promise<string | null> {
  const { image } = spec
  const repository = image.repository ?? parseReference(image.reference)?.repository
  if (registryId !== null && repository) {
    const platform = spec.platform ?? (await platformOf(docker))
    return ask(registries, { registryId, repository }, (client) =>
      sendImage({ client, repository, image, platform, docker, signal, report, log }),
    )
  }
  await engineSettled(engine, signal)
  const archive = await engine.exportImage(image.reference, signal)
  await loadArchive({ docker, signal, log, image }, archive)
  return null
}

async function platformOf(docker: Dockerode): Promise<string> {
  const { Os, Arch } = await docker.version()
  return `${Os}/${Arch}`
}
