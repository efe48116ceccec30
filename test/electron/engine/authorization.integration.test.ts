import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { EngineAuth } from '../../../electron/engine/engine'
import { newAccount, type Account } from '../../lab/accounts'
import { startEngine, type Engine } from '../../lab/engine'
import { importImage } from '../../lab/machine-image'
import { startPodman, type Podman } from '../../lab/podman'
import { startRegistry, type Registry } from '../../lab/registry'
import { clientOf, transferOf } from './lab-engine'

let docker: Engine
let podman: Podman
let basic: Registry
let bearer: Registry
/** Where no engine takes http for granted. */
let far: Registry[]

beforeAll(async () => {
  ;[basic, bearer] = await Promise.all([
    startRegistry({ auth: 'basic', users: ['developer'] }),
    startRegistry({ auth: 'bearer' }),
  ])
  const insecureRegistries = [basic.host, bearer.host]
  ;[docker, podman] = await Promise.all([startEngine(), startPodman({ insecureRegistries })])
  far = await Promise.all([
    startRegistry({ listen: docker.address }),
    startRegistry({ listen: docker.address, tls: true }),
  ])
  for (const { host } of [docker, podman]) await importImage(host, 'small:latest', [])
})
afterAll(async () => {
  await Promise.all([docker, podman, basic, bearer, ...(far ?? [])].map((part) => part?.stop()))
})

const authOf = ({ name, password }: Account, registry: Registry): EngineAuth => ({
  ...{ username: name, password, serverAddress: registry.host },
})
const accountOf = (registry: Registry, name: string): Account => {
  const account = registry.accounts[name]
  if (!account) throw new Error(`no account ${name}`)
  return account
}

/** What a push ended with: its result or its error. No password is in what it told on the way. */
async function pushTo(host: string, registry: Registry, repository: string, auth: EngineAuth | null) {
  const client = clientOf(host)
  const id = (await client.imageIdOf('small:latest')) ?? ''
  await client.tagImage(id, `${registry.host}/${repository}`, 'v1')
  const transfer = transferOf(`${registry.host}/${repository}:v1`, { auth })
  const ended: unknown = await client.push(transfer).catch((error: unknown) => error)
  if (auth) {
    const told = JSON.stringify([transfer.lines, transfer.seen, ended, String(ended)])
    expect(told).not.toContain(auth.password)
  }
  return ended
}

describe.each([
  ['docker', () => docker.host],
  ['podman', () => podman.host],
])('%s', (_product, host) => {
  const push = (registry: Registry, repository: string, auth: EngineAuth | null) =>
    pushTo(host(), registry, repository, auth)

  it('pushes with the account, over Basic and over Bearer', async () => {
    const digest = expect.stringMatching(/^sha256:/) as string
    expect(await push(basic, 'any/a', authOf(accountOf(basic, 'developer'), basic))).toEqual({ digest })
    expect(await push(bearer, '727524/a', authOf(accountOf(bearer, 'developer'), bearer))).toEqual({ digest })
  })
  it('says that the account is wrong, or missing', async () => {
    const wrong = authOf(newAccount('developer'), basic)
    expect(await push(basic, 'any/c', wrong)).toMatchObject({
      code: 'UNAUTHORIZED',
      context: { host: basic.host },
    })
    expect(await push(basic, 'any/d', null)).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(await push(bearer, '727524/c', authOf(newAccount('developer'), bearer))).toMatchObject({
      code: 'UNAUTHORIZED',
    })
  })
  it('says that the account may not push there', async () => {
    const reader = authOf(accountOf(bearer, 'reader'), bearer)
    expect(await push(bearer, '727524/e', reader)).toMatchObject({ code: 'DENIED' })
  })
  it('says that it does not trust the registry', async () => {
    for (const [index, registry] of far.entries()) {
      expect(await push(registry, `any/f${index}`, null)).toMatchObject({ code: 'ENGINE_UNTRUSTED_REGISTRY' })
    }
  })
})

it('a password may have any characters', async () => {
  // These make "+" and "/" of plain base64, which the engine's header must not have.
  const account = { name: 'odd', password: `${newAccount('odd').password}~~~???>>>ÿÿ密码` }
  const registry = await startRegistry({ auth: 'basic', users: [account] })
  onTestFinished(() => registry.stop())
  const digest = expect.stringMatching(/^sha256:/) as string
  expect(await pushTo(docker.host, registry, 'any/b', authOf(account, registry))).toEqual({ digest })
})
