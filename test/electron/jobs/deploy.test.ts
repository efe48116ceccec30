/** Deployments as jobs: what a driver is given, what is kept, and what the job ends with. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type DeploymentSpec, emptySpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import type { Change, ChangeContext, DriverDetail, PoolDriver } from '../../../electron/deploy/driver'
import { MemoryKeychain } from '../credentials/memory-keychain'
import { Program } from './program'

let folder: string
let program: Program
let keychain: MemoryKeychain
let applied: { change: Change; context: ChangeContext }[]
/** What the driver does with a change. */
let answer: () => ReturnType<PoolDriver['apply']>

const image = { reference: 'localhost/app:1', digest: null, registryId: null, repository: null, tag: null }
const spec: DeploymentSpec = {
  ...emptySpec({ ...image, delivery: 'present' }, 'shop'),
  environment: [{ name: 'TOKEN', value: '', secret: true }],
}
const address = {
  ...{ url: 'http://127.0.0.1:8080/', host: '127.0.0.1', port: 8080, container: 80 },
  ...{ protocol: 'tcp' as const, scope: 'all' as const, debug: false },
}
const apply = { poolId: 'p', id: null, spec, keep: 'keychain', reason: 'new', baseVersion: null } as const

const nothing = (): never => {
  throw new Error('not asked here')
}
const driver: PoolDriver = {
  connection: null as unknown as PoolDriver['connection'],
  apply: (change, context) => {
    applied.push({ change, context })
    return answer()
  },
  act: () => Promise.resolve(),
  secretsOf: () => Promise.resolve({}),
  read: () => Promise.resolve({ spec, versions: [] } as unknown as DriverDetail),
  ...{ list: nothing, events: nothing, follow: nothing, facts: nothing, logs: nothing },
  ...{ measure: nothing, terminal: nothing },
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jobs-deploy-'))
  keychain = new MemoryKeychain()
  program = new Program(folder, undefined, keychain)
  program.drivers.set('p', driver)
  applied = []
  answer = () =>
    Promise.resolve({ digest: null, addresses: [{ ...address, url: null, debug: true }, address] })
})
afterEach(async () => {
  await program.stop()
  rmSync(folder, { recursive: true })
})

it('hands the secrets to the driver alone, and ends with the address', async () => {
  const TOKEN = randomBytes(9).toString('hex')
  const queued = await program.jobs.applyDeploy({ ...apply, secrets: { TOKEN, OTHER: 'not a variable' } })
  const job = await program.ended(queued.id)
  expect(job).toMatchObject({ state: 'succeeded', host: 'pool p' })
  const id = applied[0]?.change.id ?? ''
  expect(job.result?.deployment).toEqual({ poolId: 'p', id, url: 'http://127.0.0.1:8080/' })
  expect(applied[0]?.context.secrets).toEqual({ TOKEN })
  expect(await keychain.get(`deployment/${id}/TOKEN`)).toBe(TOKEN)
  expect(await keychain.get(`deployment/${id}/OTHER`)).toBeNull()
  expect(JSON.stringify([program.told, program.queue.log(job.id)])).not.toContain(TOKEN)

  const removal = { kind: 'deployment-action', poolId: 'p', deploymentId: id, name: 'shop' } as const
  const removed = await program.run({ ...removal, action: 'remove', instanceId: null, volumes: false })
  expect(removed).toMatchObject({ state: 'succeeded', result: { deployment: null } })
  expect(await keychain.get(`deployment/${id}/TOKEN`)).toBeNull()
})

it('asks for a secret before it queues anything, and for a pool that is there', async () => {
  await expect(program.jobs.applyDeploy({ ...apply, secrets: {} })).rejects.toMatchObject({
    code: 'SECRET_MISSING',
    context: { field: 'TOKEN' },
  })
  await expect(
    program.jobs.applyDeploy({ ...apply, poolId: 'gone', secrets: { TOKEN: 'x' } }),
  ).rejects.toMatchObject({ code: 'POOL_UNKNOWN' })
  expect(program.queue.list()).toEqual([])
})

it('keeps the secrets of a failure for another attempt, until it is forgotten', async () => {
  answer = () => Promise.reject(new AppError('CONTAINER_EXITED', { exitCode: 3 }, { detail: 'last words' }))
  const TOKEN = randomBytes(9).toString('hex')
  const { id } = await program.jobs.applyDeploy({ ...apply, secrets: { TOKEN } })
  expect(await program.ended(id)).toMatchObject({
    state: 'failed',
    error: {
      code: 'CONTAINER_EXITED',
      context: { pool: 'pool p', deployment: 'shop' },
      detail: 'last words',
    },
  })
  program.queue.retry(id)
  await program.ended(id)
  expect(applied.map(({ context }) => context.secrets)).toEqual([{ TOKEN }, { TOKEN }])
  program.queue.forget(id)
  await program.stop()
  expect(await keychain.get(`deployment/${applied[0]?.change.id}/TOKEN`)).toBeNull()
  program = new Program(folder, undefined, keychain)
})

/** The program ends in the middle of what is under way, and starts again. */
async function again(): Promise<void> {
  await program.stop()
  program = new Program(folder, undefined, keychain)
  program.drivers.set('p', driver)
}

it('leaves no secret of a deployment that was never queued: the keychain refused, or the disk is full', async () => {
  const TOKEN = randomBytes(9).toString('hex')
  const many: DeploymentSpec = {
    ...spec,
    environment: ['TOKEN', 'OTHER'].map((name) => ({ name, value: '', secret: true })),
  }
  const set = keychain.set.bind(keychain)
  keychain.set = (account, secret) =>
    account.endsWith('/OTHER')
      ? Promise.reject(new AppError('KEYCHAIN_LOCKED', { side: 'keychain' }))
      : set(account, secret)
  const both = { ...apply, spec: many, secrets: { TOKEN, OTHER: TOKEN } }
  await expect(program.jobs.applyDeploy(both)).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
  expect([...keychain.entries.values()]).not.toContain(TOKEN)

  keychain.set = set
  const save = program.table.save.bind(program.table)
  program.table.save = () => {
    throw new AppError('STORE_FAILED', { side: 'program' })
  }
  await expect(program.jobs.applyDeploy(both)).rejects.toMatchObject({ code: 'STORE_FAILED' })
  program.table.save = save
  expect([...keychain.entries.values()]).not.toContain(TOKEN)
  expect(program.queue.list()).toEqual([])
})

it('leaves a queued deployment its secrets where the note on them cannot be taken away', async () => {
  const TOKEN = randomBytes(9).toString('hex')
  const { secrets } = program.table
  const drop = secrets.drop.bind(secrets)
  secrets.drop = () => {
    throw new AppError('STORE_FAILED', { side: 'program' })
  }
  let finish = (): void => undefined
  const running = new Promise<void>((done) => (finish = done))
  const success = answer
  answer = async () => {
    await running
    return success()
  }
  const { id } = await program.jobs.applyDeploy({ ...apply, secrets: { TOKEN } })
  secrets.drop = drop
  expect(secrets.all()).toHaveLength(1)
  finish()
  expect(await program.ended(id)).toMatchObject({ state: 'succeeded' })
  expect(secrets.all()).toEqual([])
  program.queue.forget(id)
  await again()
  expect(keychain.entries.size).toBe(1)
})

it('forgets at the next start what a kill left between the keychain and the queue, and not what a job needs', async () => {
  const TOKEN = randomBytes(9).toString('hex')
  answer = () => Promise.reject(new AppError('CONTAINER_EXITED', { exitCode: 3 }))
  const failed = await program.jobs.applyDeploy({ ...apply, secrets: { TOKEN } })
  await program.ended(failed.id)
  const owned = [...keychain.entries.keys()]
  // As a kill leaves them: noted and kept, and one of them with its job.
  program.table.secrets.note(owned[0]?.split('/')[1] ?? '', ['TOKEN'])
  program.table.secrets.note('never-queued', ['TOKEN', 'OTHER'])
  await keychain.set('deployment/never-queued/TOKEN', TOKEN)
  keychain.locked = true
  await again()
  keychain.locked = false
  expect(keychain.entries.has('deployment/never-queued/TOKEN')).toBe(true)
  await again()
  await again()
  expect([...keychain.entries.keys()]).toEqual(owned)
  expect(program.table.secrets.all()).toEqual([])
})
