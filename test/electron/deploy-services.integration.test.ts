import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Handlers } from '@shared/contract'
import type { Job } from '@shared/job'
import { allHandlers } from '../../electron/all-handlers'
import { openServices, type OpenServices } from '../bench/services'
import { startEngine, type Engine } from '../lab/engine'
import { httpGet } from '../lab/http-get'
import { importImage } from '../lab/machine-image'
import { until } from '../lab/until'

let engine: Engine
let open: OpenServices
let handlers: Handlers
beforeAll(async () => {
  engine = await startEngine()
  const changes = ['CMD ["httpd", "-f", "-p", "80", "-h", "/etc"]', 'EXPOSE 80']
  await importImage(engine.host, 'app:1', changes)
  open = openServices(undefined, { DOCKER_HOST: engine.host })
  open.services.start()
  const never = (): Promise<null> => Promise.resolve(null)
  handlers = allHandlers({
    services: open.services,
    emit: () => {},
    applySettings: () => {},
    choosePem: never,
    chooseArchives: () => Promise.resolve([]),
    dialogs: { choosePath: never, chooseSave: never, openText: never },
    app: {
      info: () => Promise.reject(new Error('not asked')),
      openExternal: () => Promise.resolve(),
      writeClipboard: () => {},
    },
  })
})
afterAll(async () => {
  await open?.close()
  await engine?.stop()
})

const ended = (id: string): Promise<Job> =>
  until('the job having ended', async () => {
    const job = (await handlers['job:list'](undefined)).find((one) => one.id === id)
    if (job?.error) throw new Error(JSON.stringify(job.error))
    return job?.endedAt != null && job
  })

it('an image becomes an application that answers, is found in its pool, and goes again', async () => {
  const { pools, currentId } = await handlers['pool:refresh']({ id: null })
  const poolId = currentId ?? ''
  expect(pools.find(({ id }) => id === poolId)).toMatchObject({ state: 'online', kind: 'docker' })
  await until('the local engine', () => open.services.engine.state.status === 'connected')
  const spec = await handlers['deployment:prefill']({
    ...{ poolId, platform: null },
    source: { kind: 'local', reference: 'app:1' },
  })
  expect(spec.ports).toMatchObject([{ container: 80, access: 'http' }])
  const plan = await handlers['deployment:plan']({ poolId, id: null, spec })
  expect(plan.error).toBe(null)
  expect(plan.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const { id } = await handlers['deployment:apply']({
    ...{ poolId, id: null, spec, secrets: {}, keep: 'session', reason: 'new', baseVersion: null },
  })
  const job = await ended(id)
  expect(job.state).toBe('succeeded')
  expect(job.host).toBe(pools.find((pool) => pool.id === poolId)?.name)
  const { deployments } = await handlers['deployment:list']({ refresh: true })
  const [deployment] = deployments
  expect(deployment).toMatchObject({ poolId, state: 'running', name: spec.name })
  const url = deployment?.addresses[0]?.url ?? ''
  expect((await httpGet(`${url}image`)).text).toBe('app:1')
  const removing = await handlers['job:enqueue']({
    ...{ kind: 'deployment-action', poolId, deploymentId: deployment?.id ?? '', name: spec.name },
    ...{ action: 'remove', instanceId: null, volumes: true },
  })
  expect((await ended(removing.id)).state).toBe('succeeded')
  expect((await handlers['deployment:list']({ refresh: true })).deployments).toEqual([])
})
