import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { Deployments } from '../../../electron/deploy/deployments'
import { EnginePoolDriver } from '../../../electron/deploy/engine-pool/driver'
import { silentLog } from '../../../electron/log'
import { startEngine, type Engine } from '../../lab/engine'
import { engineDemand } from '../../lab/engine-api'
import { importImage } from '../../lab/machine-image'
import { temporaryFolder } from '../../lab/temporary'
import { until } from '../../lab/until'
import { connectionTo, image, make, removeAll, specOf, versionOf } from './engine-pool/lab-pool'
import { FakePools, recorder } from './fake-pools'

let docker: Engine
beforeAll(async () => {
  docker = await startEngine()
  await importImage(docker.host, image)
})
afterAll(() => docker?.stop())

function started() {
  const driver = new EnginePoolDriver(connectionTo(docker.host, 'docker'))
  const pools = new FakePools()
  const told = recorder()
  const service = new Deployments({
    pools: Object.assign(pools, { driver: async () => driver }),
    headDigest: async () => null,
    emit: told.emit,
    log: silentLog,
  })
  onTestFinished(async () => {
    await service.stop()
    await removeAll(docker.host)
  })
  service.start()
  const states = () => service.current.deployments.map(({ id, state }) => `${id} ${state}`)
  return { service, told, states, driver }
}
const one = (id: string, command?: string[]) =>
  make({
    ...{ host: docker.host, id, versions: [versionOf(1, specOf({ name: id }))], instance: 1 },
    ...(command && { command }),
  })

it('shows what others do to the engine, and that the engine is gone and back', async () => {
  const { service, told, states } = started()
  const first = await one('first')
  await until('it is shown', () => states().join() === 'first running', { timeout: 15_000 })
  const second = await one('second')
  await until('the second is shown', () => states().length === 2, { timeout: 15_000 })
  await engineDemand(docker.host, 'DELETE', `/containers/${second}?force=true`)
  await until('it is gone', () => states().join() === 'first running', { timeout: 15_000 })
  service.watch({ poolId: 'p', id: 'first' })
  await engineDemand(docker.host, 'POST', `/containers/${first}/stop?t=0`)
  await until(
    'its stop is told',
    () => told.of('deployment:detail-changed').at(-1)?.instances[0]?.exitCode === 137,
  )

  await docker.halt()
  await until('the loss is shown', () => service.current.pools[0]?.error?.code === 'ENGINE_STOPPED', {
    timeout: 15_000,
  })
  expect(service.current.deployments).toHaveLength(1)
  await docker.start()
  await until('it is back', () => service.current.pools[0]?.error === null, { timeout: 20_000 })
  await engineDemand(docker.host, 'POST', `/containers/${first}/start`)
  await until('it is followed again', () => states().join() === 'first running', { timeout: 20_000 })
})

it('measures, and saves a whole log', async () => {
  const { service, states } = started()
  await one('loud', ['sh', '-c', 'echo one; echo "two 🚢"; while :; do sleep 0.1; done'])
  await until('it is shown', () => states().join() === 'loud running', { timeout: 15_000 })
  const key = { poolId: 'p', id: 'loud' }
  service.watch(key)
  const samples = () => service.statistics(key).instances[0]?.samples ?? []
  await until('it is measured', () => samples().length > 0)
  expect(samples()[0]?.memory).toBeGreaterThan(0)

  const folder = temporaryFolder('log')
  onTestFinished(() => folder.remove())
  await service.saveLog({ ...key, instanceId: null }, folder.join('loud.log'))
  expect(readFileSync(folder.join('loud.log'), 'utf8')).toMatch(
    /^[\d-]+T[\d:.]+Z loud-1 one\n[\d-]+T[\d:.]+Z loud-1 two 🚢\n$/,
  )
  const lost = service.saveLog({ poolId: 'p', id: 'nobody', instanceId: null }, folder.join('none.log'))
  await expect(lost).rejects.toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
  expect(existsSync(folder.join('none.log'))).toBe(false)
  const forbidden = service.saveLog({ ...key, instanceId: null }, folder.join('no/such/folder.log'))
  await expect(forbidden).rejects.toMatchObject({ code: 'STORE_FAILED' })
})

it('leaves no stream, shell or request open when it stops', async () => {
  const sockets = () =>
    process.getActiveResourcesInfo().filter((kind) => /pipe|tcp/i.test(kind) && !/server/i.test(kind))
  const before = sockets().length
  const { service, told, states } = started()
  const id = await one('busy', ['sh', '-c', 'while :; do echo busy; sleep 0.05; done'])
  await until('it is shown', () => states().join() === 'busy running', { timeout: 15_000 })
  const key = { poolId: 'p', id: 'busy' }
  await service.logs.open({ ...key, instanceId: null, tail: null, since: null })
  const { terminalId } = await service.terminals.open({ ...key, instanceId: id, columns: 80, rows: 24 })
  await service.terminals.write(terminalId, 'sleep 4711\r')
  const top = () => engineDemand(docker.host, 'GET', `/containers/${id}/top`)
  await until('all runs', async () => (await top()).includes('4711') && told.of('log:lines').length > 2)
  await service.stop()
  expect(await top()).not.toContain('4711')
  const batches = told.of('log:lines').length
  await until('connections are closed', () => sockets().length <= before, { explain: () => sockets().join() })
  expect(told.of('log:lines').length).toBe(batches)
})
