import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../../electron/log'
import { RegistryStore } from '../../../electron/store/registries'
import { draftOf } from './drafts'

let folder: string
let store: RegistryStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'registries-'))
  store = new RegistryStore(folder, silentLog)
})
afterEach(() => rmSync(folder, { recursive: true }))

const account = (id: string, username = id): { id: string; username: string; where: 'keychain' } => ({
  id,
  username,
  where: 'keychain',
})

describe('RegistryStore', () => {
  it('keeps registries over a restart', async () => {
    const { id } = await store.add(draftOf())
    await store.addAccount(id, account('developer'))
    expect(new RegistryStore(folder, silentLog).list()).toEqual(store.list())
    await store.remove(id)
    expect(new RegistryStore(folder, silentLog).list()).toEqual([])
    expect(() => store.get(id)).toThrow(expect.objectContaining({ code: 'REGISTRY_UNKNOWN' }))
  })

  it('has one account of each name, and uses the newest', async () => {
    const { id } = await store.add(draftOf())
    await store.addAccount(id, account('1', 'developer'))
    await store.addAccount(id, account('2', 'reader'))
    const { accounts, activeAccountId } = await store.addAccount(id, account('3', 'developer'))
    expect(accounts.map((one) => one.id)).toEqual(['2', '3'])
    expect(activeAccountId).toBe('3')
    expect((await store.removeAccount(id, '3')).activeAccountId).toBeNull()
    await expect(store.chooseAccount(id, '3')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    expect((await store.chooseAccount(id, '2')).activeAccountId).toBe('2')
  })

  it('drops accounts and confirmed realms when they would go to another host, or over plain http', async () => {
    const { id } = await store.add(draftOf())
    const signIn = async (): Promise<void> => {
      await store.addAccount(id, account('developer'))
      await store.confirmRealm(id, 'https://auth.example.com/token')
    }
    await signIn()
    const renamed = await store.change(id, draftOf({ name: 'New name' }))
    expect(renamed).toMatchObject({
      name: 'New name',
      accounts: [{ id: 'developer' }],
      activeAccountId: 'developer',
    })
    const gone = { accounts: [], activeAccountId: null, confirmedRealms: [] }
    expect(await store.change(id, draftOf({ host: 'other.example.com' }))).toMatchObject(gone)
    await signIn()
    expect(await store.change(id, draftOf({ host: 'other.example.com', protocol: 'http' }))).toMatchObject(
      gone,
    )
  })

  it('refuses a duplicate of another registry, not of itself', async () => {
    const { id } = await store.add(draftOf())
    await expect(store.add(draftOf())).rejects.toMatchObject({ code: 'REGISTRY_DUPLICATE' })
    await expect(store.change(id, draftOf())).resolves.toMatchObject({ id })
  })
})
