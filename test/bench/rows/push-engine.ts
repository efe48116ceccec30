import { randomBytes } from 'node:crypto'
import { runCommand } from '../../lab/command'
import { startEngine } from '../../lab/engine'
import { engineRequest } from '../../lab/engine-api'
import { buildMachineImage } from '../../lab/machine-image'
import { startRegistry, type Registry } from '../../lab/registry'
import { temporaryFolder } from '../../lab/temporary'
import { until } from '../../lab/until'
import { settle } from '../settle'
import { timed, type Row } from '../row'
import { draftOf, openServices } from '../services'

const image = 'bench-push:1'
const target = { repository: 'bench/pushed', tag: '1' }

/** Runs on a registry that nobody knows: an engine remembers what it pushed where. */
async function onNewRegistry(work: (registry: Registry) => Promise<number>): Promise<number> {
  const registry = await startRegistry({ name: 'bench' })
  try {
    await settle()
    return await work(registry)
  } finally {
    await registry.stop()
  }
}

export const pushEngine: Row = {
  name: 'push-engine',
  unit: 'ms',
  what: 'a local image of 200 MB pushed by the drag-to-push job',
  peerName: 'docker push',
  goal: 1.05,
  async open(ground) {
    const engine = ground.own(await startEngine(), (part) => part.stop())
    const folder = ground.own(temporaryFolder('bench-docker'), (part) => part.remove())
    const environment = { PATH: process.env.PATH, DOCKER_HOST: engine.host, DOCKER_CONFIG: folder.path }
    await buildMachineImage(engine.host, image, [100e6, 100e6], { seed: randomBytes(8).toString('hex') })
    const { services, run } = ground.own(openServices(undefined, environment), (part) => part.close())
    services.start()
    await until('the engine', () => services.engine.state.status === 'connected')
    const { id: imageId } = await services.engine.inspectImage(image)
    const docker = (...args: string[]): Promise<string> => runCommand('docker', args, { env: environment })

    const ours = (): Promise<number> =>
      onNewRegistry(async ({ host }) => {
        const { id: registryId } = await services.registries.add(draftOf(host))
        const request = {
          kind: 'push',
          imageId,
          source: image,
          registryId,
          ...target,
          replaces: null,
        } as const
        const time = await timed(() => run(request))
        await services.registries.remove(registryId)
        return time
      })
    const peer = (): Promise<number> =>
      onNewRegistry(async ({ host }) => {
        const reference = `${host}/${target.repository}:${target.tag}`
        const time = await timed(async () => {
          await docker('tag', image, reference)
          await docker('push', '--quiet', reference)
        })
        await engineRequest(engine.host, 'DELETE', `/images/${reference}`)
        return time
      })
    await peer()
    return { ours, peer }
  },
}
