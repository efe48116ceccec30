/** Deployments whose image the engine pulls itself, with the account for that one call. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DeploymentSpec } from '@shared/deployment'
import { toAppError } from '@shared/error'
import type { ChangeContext, PoolConnection } from '../../../../electron/deploy/driver'
import { type Engine, startEngine } from '../../../lab/engine'
import { httpGet } from '../../../lab/http-get'
import { startRegistry, type Registry } from '../../../lab/registry'
import { changeOf, connectionTo, contextOf, driverOf, images, importImages, specOf } from './sample-pool'

let registry: Registry
let engine: Engine
let connection: PoolConnection

beforeAll(async () => {
  registry = await startRegistry({ auth: 'basic' })
  engine = await startEngine()
  await importImages(engine.host)
  connection = await connectionTo(engine.host, 'docker')
})
afterAll(() => Promise.all([engine?.stop(), registry?.stop()]))

const auth = (): NonNullable<ChangeContext['auth']> => {
  const { name = '', password = '' } = registry.accounts['developer'] ?? {}
  return { username: name, password, serverAddress: registry.host }
}

/** Pushes a local image as a tag, and takes the name away again; answers its digest. */
async function push(local: string, tag: string): Promise<string> {
  const { docker } = connection
  const repo = `${registry.host}/727524/app`
  await docker.getImage(local).tag({ repo, tag })
  const { username, password, serverAddress: serveraddress } = auth()
  const stream = await docker
    .getImage(`${repo}:${tag}`)
    .push({ authconfig: { username, password, serveraddress } })
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  await docker.getImage(`${repo}:${tag}`).remove()
  const digest = /digest: (sha256:[a-f0-9]{64})/.exec(text)?.[1]
  if (!digest) throw new Error(text)
  return digest
}

const says = async (url: string | null | undefined): Promise<string> => (await httpGet(url ?? '')).text.trim()

it('pulls, follows a tag that has moved, and goes back to what ran before', async () => {
  const driver = driverOf(connection)
  const one = await push(images.one, 'live')
  const reference = `${registry.host}/727524/app:live`
  const base = specOf(reference, 'shop')
  const spec: DeploymentSpec = { ...base, image: { ...base.image, delivery: 'pull' } }
  const first = changeOf(spec)
  const refused = await driver.apply(first, contextOf()).catch(toAppError)
  expect(refused).toMatchObject({ code: 'UNAUTHORIZED' })

  const context = contextOf({ auth: auth() })
  const made = await driver.apply(first, context)
  expect(made.digest).toBe(one)
  expect(await says(made.addresses[0]?.url)).toBe('one')
  expect(context.phases).toEqual(expect.arrayContaining(['pulling', 'creating', 'reaching']))

  const two = await push(images.two, 'live')
  const moved = await driver.apply(changeOf(spec, first.id, 1), contextOf({ auth: auth() }))
  expect(moved.digest).toBe(two)
  expect(await says(moved.addresses[0]?.url)).toBe('two')

  const back = await driver.apply(changeOf(spec, first.id, 2, 'rollback'), contextOf({ auth: auth() }))
  expect(back.digest).toBe(one)
  expect(await says(back.addresses[0]?.url)).toBe('one')
  const { versions } = await driver.read(first.id, new AbortController().signal)
  expect(versions.map(({ digest }) => digest)).toEqual([one, two, one])
})

it('says that it is the engine that does not reach the registry', async () => {
  const driver = driverOf(connection)
  const base = specOf('127.0.0.1:1/team/app:1', 'lost')
  const spec: DeploymentSpec = { ...base, image: { ...base.image, delivery: 'pull' } }
  const error = await driver.apply(changeOf(spec), contextOf()).catch(toAppError)
  expect(error).toMatchObject({
    code: 'ENGINE_UNREACHABLE_REGISTRY',
    context: { side: 'engine', host: '127.0.0.1:1', pool: 'lab' },
  })
})
