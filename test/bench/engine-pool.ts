/** The program's services with one engine as their pool, and what the rows on deployments do with it. */
import { randomUUID } from 'node:crypto'
import type { DeployServices } from '../../electron/deploy-services'
import { emptySpec, type DeploymentSpec } from '@shared/deployment'
import { startEngine } from '../lab/engine'
import { engineRequest } from '../lab/engine-api'
import { temporaryFolder } from '../lab/temporary'
import { runCommand } from '../lab/command'
import type { Ground } from './row'
import { openServices, type OpenServices } from './services'

export interface EnginePool extends OpenServices {
  /** DOCKER_HOST of the pool's engine. */
  host: string
  poolId: string
  deploy: DeployServices
  /** Runs a deploy job to its end; answers the deployment's id. */
  put(spec: DeploymentSpec): Promise<string>
  docker(...args: string[]): Promise<string>
  /** Removes every container, without asking it. */
  sweep(): Promise<void>
}

/** Starts an engine and the services, and waits until the engine is known as a pool. */
export async function openEnginePool(ground: Ground): Promise<EnginePool> {
  const engine = ground.own(await startEngine(), (part) => part.stop())
  const folder = ground.own(temporaryFolder('bench-docker'), (part) => part.remove())
  const env = { PATH: process.env.PATH, DOCKER_HOST: engine.host, DOCKER_CONFIG: folder.path }
  const open = ground.own(openServices(undefined, env), (part) => part.close())
  open.services.start()
  const deploy = await open.services.deploy.get()
  const { currentId } = await deploy.pools.refresh(null)
  if (currentId === null) throw new Error('the engine is no pool')
  return {
    ...open,
    ...{ host: engine.host, poolId: currentId, deploy },
    async put(spec) {
      const deploymentId = randomUUID()
      const place = { poolId: currentId, deploymentId }
      await open.run({ kind: 'deploy', ...place, spec, reason: 'new', baseVersion: null })
      return deploymentId
    },
    docker: (...args) => runCommand('docker', args, { env }),
    async sweep() {
      const { text } = await engineRequest(engine.host, 'GET', '/containers/json?all=true')
      for (const { Id } of JSON.parse(text) as { Id: string }[])
        await engineRequest(engine.host, 'DELETE', `/containers/${Id}?force=true&v=true`)
    },
  }
}

/** A deployment of an image that the engine has. */
export function localSpec(reference: string, name: string, rest: Partial<DeploymentSpec>): DeploymentSpec {
  const image = { reference, digest: null, registryId: null, repository: null, tag: null }
  return { ...emptySpec({ ...image, delivery: 'present' }, name), ...rest }
}
