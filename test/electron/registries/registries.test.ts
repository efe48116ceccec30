// Long because every way of an account, its password and its registry is shown against one server.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import type { RegistryList } from '@shared/registry'
import { Credentials } from '../../../electron/credentials/credentials'
import type { Credential } from '../../../electron/registry/client'
import { silentLog } from '../../../electron/log'
import { Registries } from '../../../electron/registries/registries'
import { RegistryStore } from '../../../electron/store/registries'
import { until } from '../../lab/until'
import { MemoryKeychain } from '../credentials/memory-keychain'
import { draftOf } from '../store/drafts'

interface StoredFile {
  registries: { accounts: { id: string }[] }[]
  unforgotten: string[]
}

const password = randomBytes(12).toString('hex')
const basic = (username: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Wants the account `developer` or `reader`; `seen` is every Authorization it got. */
let server: Server
let host: string
let seen: (string | undefined)[]
beforeAll(async () => {
  server = createServer((request, response) => {
    const given = request.headers.authorization
    seen.push(given)
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    response.setHeader('content-type', 'application/json')
    if (given === basic('developer') || given === basic('reader')) response.writeHead(200)
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="here"' })
    response.end('{}')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

let folder: string
let keychain: MemoryKeychain
let registries: Registries
let told: RegistryList[]
/** What docker's own client keeps, by host. */
let logins: Map<string, Credential>

function open(): Registries {
  const store = new RegistryStore(folder, silentLog)
  const opened = new Registries({
    store,
    credentials: new Credentials(keychain),
    dockerLogin: (host) => Promise.resolve(logins.get(host) ?? null),
    log: silentLog,
  })
  opened.on((list) => told.push(list))
  return opened
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'registries-'))
  keychain = new MemoryKeychain()
  seen = []
  told = []
  logins = new Map()
  registries = open()
})
afterEach(() => {
  registries.close()
  rmSync(folder, { recursive: true })
})

const add = async (): Promise<string> => (await registries.add(draftOf({ host, protocol: 'http' }))).id
const signIn = (
  registryId: string,
  username = 'developer',
  keep: 'keychain' | 'session' = 'keychain',
): ReturnType<Registries['signIn']> => registries.signIn({ registryId, username, password, keep })

describe('signing in', () => {
  it('checks the account, keeps the password in the keychain, and uses the account', async () => {
    const id = await add()
    const registry = await signIn(id)
    const [account] = registry.accounts
    expect(registry).toMatchObject({
      activeAccountId: account?.id,
      accounts: [{ username: 'developer', kept: 'keychain' }],
      reachability: 'online',
    })
    expect(keychain.entries.get(account?.id ?? '')).toBe(password)
    expect(await registries.engineAuth(id)).toEqual({ username: 'developer', password, serverAddress: host })
    expect(told.at(-1)).toEqual(registries.snapshot())
    for (const file of readdirSync(folder))
      expect(readFileSync(join(folder, file), 'utf8')).not.toContain(password)
  })

  it('takes over the account that docker has for this host, once the registry accepts it', async () => {
    const id = await add()
    expect(await registries.dockerUser(id)).toBeNull()
    await expect(registries.adoptDockerLogin(id, 'keychain')).rejects.toMatchObject({
      code: 'CREDENTIAL_MISSING',
    })
    logins.set(host, { username: 'reader', password: 'wrong' })
    await expect(registries.adoptDockerLogin(id, 'keychain')).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(registries.get(id).accounts).toEqual([])
    logins.set(host, { username: 'reader', password })
    expect(await registries.dockerUser(id)).toBe('reader')
    const { accounts } = await registries.adoptDockerLogin(id, 'keychain')
    expect(accounts).toMatchObject([{ username: 'reader', kept: 'keychain' }])
    expect(await registries.engineAuth(id)).toMatchObject({ username: 'reader', password })
  })

  it('keeps nothing of an account that the registry refuses', async () => {
    const id = await add()
    const refused = registries.signIn({
      registryId: id,
      username: 'developer',
      password: 'wrong',
      keep: 'keychain',
    })
    await expect(refused).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      context: { account: 'developer', host },
    })
    expect(registries.get(id).accounts).toEqual([])
    expect(keychain.entries.size).toBe(0)
  })

  it('keeps nothing when the keychain is not there, and can keep it for the session instead', async () => {
    const id = await add()
    keychain.failure = new AppError('KEYCHAIN_UNAVAILABLE', { side: 'keychain' })
    await expect(signIn(id)).rejects.toMatchObject({
      code: 'KEYCHAIN_UNAVAILABLE',
      context: { registryId: id },
    })
    expect(registries.get(id).accounts).toEqual([])
    expect((await signIn(id, 'developer', 'session')).accounts).toMatchObject([{ kept: 'session' }])
    expect(await registries.engineAuth(id)).toMatchObject({ username: 'developer', password })
  })

  it('replaces an account of the same name and forgets its old password', async () => {
    const id = await add()
    await signIn(id)
    const { accounts } = await signIn(id)
    expect(accounts).toHaveLength(1)
    expect([...keychain.entries.keys()]).toEqual([accounts[0]?.id])
  })

  describe('where a password must not stay', () => {
    const again = async (): Promise<void> => {
      registries.close()
      registries = open()
      await registries.forgetLeft().catch(() => undefined)
    }
    const ways: [string, (id: string, accountId: string) => Promise<unknown>][] = [
      ['signed out', (id, accountId) => registries.signOut(id, accountId)],
      ['its registry taken out', (id) => registries.remove(id)],
      ['another of its name', (id) => signIn(id, 'developer', 'session')],
    ]
    it.each(ways)('a locked keychain forgets it later: %s', async (_name, leave) => {
      const id = await add()
      const accountId = (await signIn(id)).activeAccountId ?? ''
      keychain.locked = true
      await leave(id, accountId)
      expect(keychain.entries.has(accountId)).toBe(true)
      expect(told.at(-1)?.unforgotten).toBe(1)
      await again()
      expect(keychain.entries.has(accountId)).toBe(true)
      keychain.locked = false
      await again()
      expect(keychain.entries.has(accountId)).toBe(false)
      expect(told.at(-1)?.unforgotten).toBe(0)
    })

    it('is forgotten when that is asked for, and it is said why it is not', async () => {
      const id = await add()
      const { activeAccountId } = await signIn(id)
      expect(registries.snapshot().unforgotten).toBe(0)
      keychain.locked = true
      await registries.signOut(id, activeAccountId ?? '')
      await expect(registries.forgetLeft()).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
      expect(told.at(-1)?.unforgotten).toBe(1)
      keychain.locked = false
      expect((await registries.forgetLeft()).unforgotten).toBe(0)
      expect(keychain.entries.size).toBe(0)
    })

    it.each(ways)(
      'a program that ends before the keychain is asked forgets it at its next start: %s',
      async (_name, leave) => {
        const id = await add()
        const accountId = (await signIn(id)).activeAccountId ?? ''
        keychain.remove = () => new Promise(() => undefined)
        void leave(id, accountId)
        await until('the change', () => {
          const now = JSON.parse(readFileSync(join(folder, 'registries.json'), 'utf8')) as StoredFile
          return now.registries.every(({ accounts }) => accounts.every((account) => account.id !== accountId))
        })
        const entries = keychain.entries
        keychain = new MemoryKeychain()
        for (const [name, secret] of entries) keychain.entries.set(name, secret)
        await again()
        expect(keychain.entries.has(accountId)).toBe(false)
      },
    )

    it('nor one that was kept before its account was, and the program ended between', async () => {
      const id = await add()
      const set = keychain.set.bind(keychain)
      const kept = new Promise<void>((done) => {
        keychain.set = async (account, secret) => {
          await set(account, secret)
          done()
          await new Promise(() => undefined)
        }
      })
      void signIn(id)
      await kept
      expect([...keychain.entries.values()]).toContain(password)
      keychain.set = set
      await again()
      expect(keychain.entries.size).toBe(0)
      expect(registries.get(id).accounts).toEqual([])
    })

    it('nor one that a keychain took after it had been given up, while none that is refused leaves a trace', async () => {
      const id = await add()
      const noted = (): string[] =>
        (JSON.parse(readFileSync(join(folder, 'registries.json'), 'utf8')) as StoredFile).unforgotten
      const { set } = keychain
      keychain.set = async (account, secret) => {
        await set.call(keychain, account, secret)
        throw new AppError('KEYCHAIN_LOCKED', { side: 'keychain' })
      }
      await expect(signIn(id)).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
      expect(noted()).toEqual([...keychain.entries.keys()])
      keychain.set = set
      await again()
      expect([keychain.entries.size, noted()]).toEqual([0, []])
      keychain.failure = new AppError('KEYCHAIN_UNAVAILABLE', { side: 'keychain' })
      await expect(signIn(id)).rejects.toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' })
      expect(noted()).toEqual([])
    })

    it('and none is forgotten that is on its way, or in use', async () => {
      const id = await add()
      const other = (await signIn(id, 'reader')).activeAccountId ?? ''
      const set = keychain.set.bind(keychain)
      keychain.set = async (account, secret) => {
        await set(account, secret)
        // Another account is signed out while this one is not in the list yet.
        if (secret === password) await registries.signOut(id, other)
      }
      const accountId = (await signIn(id)).activeAccountId ?? ''
      await again()
      expect([...keychain.entries.keys()]).toEqual([accountId])
      expect(await registries.engineAuth(id)).toMatchObject({ username: 'developer', password })
    })
  })

  it('after a restart a password of the keychain is there, one of the session is missing', async () => {
    const id = await add()
    const kept = (await signIn(id)).activeAccountId
    await signIn(id, 'reader', 'session')
    registries.close()
    registries = open()
    expect(registries.get(id).accounts).toMatchObject([{ kept: 'keychain' }, { kept: 'missing' }])
    await expect(registries.engineAuth(id)).rejects.toMatchObject({
      code: 'CREDENTIAL_MISSING',
      context: { account: 'reader', registryId: id },
    })
    await registries.chooseAccount(id, kept)
    expect(await registries.engineAuth(id)).toMatchObject({ username: 'developer' })
    await registries.chooseAccount(id, null)
    expect(await registries.engineAuth(id)).toBeNull()
  })

  it('notices that a password was taken out of the keychain by somebody else', async () => {
    const id = await add()
    await signIn(id)
    keychain.entries.clear()
    await expect(registries.engineAuth(id)).rejects.toMatchObject({ code: 'CREDENTIAL_MISSING' })
    expect(registries.get(id).accounts).toMatchObject([{ kept: 'missing' }])
    expect(told.at(-1)).toEqual(registries.snapshot())
  })
})

describe('passwords', () => {
  it('go when the account is signed out or the registry removed', async () => {
    const id = await add()
    const { activeAccountId } = await signIn(id)
    await signIn(id, 'reader')
    const { accounts } = await registries.signOut(id, activeAccountId ?? '')
    expect(accounts).toMatchObject([{ username: 'reader' }])
    expect(keychain.entries.size).toBe(1)
    await registries.remove(id)
    expect(keychain.entries.size).toBe(0)
    expect(registries.snapshot().registries).toEqual([])
  })

  it('are forgotten later where the keychain does not answer now', async () => {
    const id = await add()
    const { activeAccountId } = await signIn(id)
    keychain.failure = new AppError('KEYCHAIN_LOCKED', { side: 'keychain' })
    await registries.signOut(id, activeAccountId ?? '')
    keychain.failure = null
    expect(keychain.entries.size).toBe(1)
    const second = (await signIn(id, 'reader')).activeAccountId
    expect([...keychain.entries.keys()]).toEqual([second])
  })

  it('do not follow the registry to another host', async () => {
    const id = await add()
    await signIn(id)
    const changed = await registries.change(
      id,
      draftOf({ host: `localhost:${host.split(':')[1]}`, protocol: 'http' }),
    )
    expect(changed).toMatchObject({ accounts: [], activeAccountId: null, reachability: 'unknown' })
    expect(keychain.entries.size).toBe(0)
  })

  it('stay when only the name changes', async () => {
    const id = await add()
    await signIn(id)
    const changed = await registries.change(id, draftOf({ host, protocol: 'http', name: 'New' }))
    expect(changed).toMatchObject({ name: 'New', accounts: [{ username: 'developer' }] })
    expect(keychain.entries.size).toBe(1)
  })

  it('are tried with a draft only at the host that they belong to', async () => {
    const id = await add()
    await signIn(id)
    const trying = async (draft: ReturnType<typeof draftOf>): Promise<(string | undefined)[]> => {
      seen = []
      await registries.probe({ id, draft, account: null, onSteps: () => undefined })
      return seen.filter(Boolean)
    }
    const elsewhere = `localhost:${host.split(':')[1]}`
    expect(await trying(draftOf({ host: elsewhere, protocol: 'http' }))).toEqual([])
    expect(await trying(draftOf({ host, protocol: 'http', name: 'Other' }))).toContain(basic('developer'))
  })
})

describe('a registry', () => {
  it('has one client, until its account or its address changes', async () => {
    const id = await add()
    const first = registries.client(id)
    expect(registries.client(id)).toBe(first)
    await registries.change(id, draftOf({ host, protocol: 'http', name: 'New' }))
    expect(registries.client(id)).toBe(first)
    await signIn(id)
    const second = registries.client(id)
    expect(second).not.toBe(first)
    await expect(first.ping()).rejects.toMatchObject({ code: 'CANCELLED' })
    await second.ping()
    await registries.remove(id)
    expect(() => registries.client(id)).toThrow(expect.objectContaining({ code: 'REGISTRY_UNKNOWN' }))
  })

  it('is as reachable as its last request says, and tells only changes', async () => {
    const id = await add()
    told = []
    const error = new AppError('CONNECTION_REFUSED', { side: 'registry', host })
    registries.report(id, { ok: false, error })
    registries.report(id, { ok: false, error })
    expect(registries.get(id)).toMatchObject({
      reachability: 'offline',
      lastError: { code: 'CONNECTION_REFUSED' },
    })
    registries.report(id, { ok: false, error: new AppError('CANCELLED') })
    registries.report(id, { ok: true })
    registries.report(id, { ok: false, error: new AppError('MANIFEST_UNKNOWN', { side: 'registry' }) })
    expect(registries.get(id)).toMatchObject({ reachability: 'online', lastError: null })
    expect(told).toHaveLength(2)
    expect(told[1]?.revision).toBeGreaterThan(told[0]?.revision ?? 0)
    registries.report('gone', { ok: true })
  })

  it('confirms only plain URLs as token service', async () => {
    const id = await add()
    expect((await registries.confirmRealm(id, 'https://auth.example.com/token')).confirmedRealms).toEqual([
      'https://auth.example.com/token',
    ])
    for (const realm of ['token', 'ftp://auth.example.com', 'https://user:word@auth.example.com/']) {
      await expect(registries.confirmRealm(id, realm)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    }
  })

  it('is named in references by its canonical host', async () => {
    const { id } = await registries.add(draftOf({ host: 'registry-1.docker.io' }))
    expect(registries.host(id)).toBe('docker.io')
  })
})
