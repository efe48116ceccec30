import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { AppError } from '@shared/error'
import { Registry, type RegistryDraft } from '@shared/registry'
import { z } from 'zod'
import type { Log } from '../log'
import { JsonFile } from './json-file'
import { Listeners } from './listeners'
import { checkDraft, refuseDuplicate } from './registry-draft'

/** An account without its password. `where` says where that was put when the user signed in. */
export const StoredAccount = z.object({
  id: z.string(),
  username: z.string(),
  where: z.enum(['keychain', 'session']),
})
export type StoredAccount = z.infer<typeof StoredAccount>

/** What is known of a registry while the program is not running. */
export const StoredRegistry = Registry.omit({ reachability: true, lastError: true }).extend({
  accounts: z.array(StoredAccount),
})
export type StoredRegistry = z.infer<typeof StoredRegistry>

const RegistryFile = z.object({
  version: z.literal(1),
  registries: z.array(StoredRegistry),
  /** Accounts that are not there (any more, or yet), and whose password the keychain may hold: always told before it does. */
  unforgotten: z.array(z.string()).default([]),
})
type RegistryFile = z.infer<typeof RegistryFile>

/** The registries and their accounts, in `registries.json`; there is no secret in it. Unknown ids: REGISTRY_UNKNOWN. */
export class RegistryStore {
  private readonly file: JsonFile<RegistryFile>
  private readonly listeners = new Listeners<StoredRegistry[]>()

  constructor(folder: string, log: Log) {
    this.file = new JsonFile<RegistryFile>({
      file: join(folder, 'registries.json'),
      schema: RegistryFile,
      fallback: { version: 1, registries: [], unforgotten: [] },
      log,
    })
  }

  list(): StoredRegistry[] {
    return this.file.read().registries
  }

  get(id: string): StoredRegistry {
    return find(this.list(), id)
  }

  /** Adds a registry after checking the draft; see `checkDraft` and `refuseDuplicate` for what is refused. */
  async add(draft: RegistryDraft): Promise<StoredRegistry> {
    const id = randomUUID()
    const checked = checkDraft(draft)
    const added = { ...checked, id, accounts: [], activeAccountId: null, confirmedRealms: [] }
    await this.write((registries) => {
      refuseDuplicate(checked, registries)
      return [...registries, added]
    })
    return this.get(id)
  }

  /**
   * Takes over a draft. A password goes to no host but the one it was given for: with another host, or http instead of
   * https, the accounts and the confirmed realms are dropped.
   */
  async change(id: string, draft: RegistryDraft): Promise<StoredRegistry> {
    const checked = checkDraft(draft)
    await this.write((registries) => {
      const old = find(registries, id)
      const others = registries.filter((registry) => registry.id !== id)
      refuseDuplicate(checked, others)
      const kept = isSameParty(old, checked)
        ? {}
        : { accounts: [], activeAccountId: null, confirmedRealms: [] }
      return replace(registries, { ...old, ...checked, ...kept })
    })
    return this.get(id)
  }

  async remove(id: string): Promise<void> {
    await this.write((registries) => {
      find(registries, id)
      return registries.filter((registry) => registry.id !== id)
    })
  }

  /** Adds an account and makes it the one in use; another of the same name at this registry makes way for it. */
  async addAccount(id: string, account: StoredAccount): Promise<StoredRegistry> {
    return this.update(id, (registry) => ({
      ...registry,
      accounts: [...registry.accounts.filter((other) => other.username !== account.username), account],
      activeAccountId: account.id,
    }))
  }

  /** Takes an account out; when it was the one in use, the registry is used without an account. */
  async removeAccount(id: string, accountId: string): Promise<StoredRegistry> {
    return this.update(id, (registry) => ({
      ...registry,
      accounts: registry.accounts.filter((account) => account.id !== accountId),
      activeAccountId: registry.activeAccountId === accountId ? null : registry.activeAccountId,
    }))
  }

  /** Null: without an account. INPUT_INVALID where the registry has no such account. */
  async chooseAccount(id: string, accountId: string | null): Promise<StoredRegistry> {
    return this.update(id, (registry) => {
      if (accountId !== null && !registry.accounts.some((account) => account.id === accountId)) {
        throw new AppError('INPUT_INVALID', { side: 'program', registryId: id, field: 'accountId' })
      }
      return { ...registry, activeAccountId: accountId }
    })
  }

  async confirmRealm(id: string, realm: string): Promise<StoredRegistry> {
    return this.update(id, (registry) => ({
      ...registry,
      confirmedRealms: [...new Set([...registry.confirmedRealms, realm])],
    }))
  }

  /** Ids of accounts whose password is still to be taken out of the keychain. */
  unforgotten(): string[] {
    const { unforgotten, registries } = this.file.read()
    const kept = inKeychain(registries)
    return unforgotten.filter((id) => !kept.includes(id))
  }

  /** Notes an account whose password is about to be kept. With the account itself, the note goes. */
  async expectAccount(id: string): Promise<void> {
    await this.file.change((file) => ({ ...file, unforgotten: [...new Set([...file.unforgotten, id])] }))
  }

  /** The keychain has nothing of these any more. */
  async forgotten(ids: readonly string[]): Promise<void> {
    await this.file.change((file) => ({
      ...file,
      unforgotten: file.unforgotten.filter((id) => !ids.includes(id)),
    }))
  }

  on(listener: (registries: StoredRegistry[]) => void): () => void {
    return this.listeners.add(listener)
  }

  private async update(
    id: string,
    next: (registry: StoredRegistry) => StoredRegistry,
  ): Promise<StoredRegistry> {
    await this.write((registries) => replace(registries, next(find(registries, id))))
    return this.get(id)
  }

  private async write(next: (registries: StoredRegistry[]) => StoredRegistry[]): Promise<void> {
    await this.file.change((file) => {
      const registries = next(file.registries)
      const now = new Set(inKeychain(registries))
      const gone = [...file.unforgotten, ...inKeychain(file.registries)].filter((id) => !now.has(id))
      return { ...file, registries, unforgotten: [...new Set(gone)] }
    })
    this.listeners.tell(this.list())
  }
}

const inKeychain = (registries: readonly StoredRegistry[]): string[] =>
  registries.flatMap(({ accounts }) => accounts.flatMap(({ id, where }) => (where === 'keychain' ? id : [])))

function find(registries: readonly StoredRegistry[], id: string): StoredRegistry {
  const found = registries.find((registry) => registry.id === id)
  if (!found) throw new AppError('REGISTRY_UNKNOWN', { side: 'program', registryId: id })
  return found
}

function replace(registries: readonly StoredRegistry[], changed: StoredRegistry): StoredRegistry[] {
  return registries.map((registry) => (registry.id === changed.id ? changed : registry))
}

/** Whether what an old entry's accounts were trusted to is still whom a new draft speaks to, no less securely. */
export function isSameParty(
  old: Pick<RegistryDraft, 'host' | 'protocol'>,
  draft: Pick<RegistryDraft, 'host' | 'protocol'>,
): boolean {
  return old.host === draft.host && !(old.protocol === 'https' && draft.protocol === 'http')
}
