import { AppError, toAppError } from '@shared/error'
import type { Account } from '@shared/registry'
import type { Credentials } from '../credentials/credentials'
import type { Log } from '../log'
import type { Credential } from '../registry/client'
import { Listeners } from '../store/listeners'
import type { RegistryStore, StoredAccount, StoredRegistry } from '../store/registries'

/** The passwords behind the accounts of registries. */
export class Passwords {
  private readonly store: RegistryStore
  private readonly credentials: Credentials
  private readonly log: Log
  /** Accounts whose password was looked for in the keychain and not found. */
  private readonly missing = new Set<string>()
  /** Accounts of which the password is kept before they are in the store. */
  private readonly coming = new Set<string>()
  private readonly listeners = new Listeners<void>()

  constructor(parts: { store: RegistryStore; credentials: Credentials; log: Log }) {
    this.store = parts.store
    this.credentials = parts.credentials
    this.log = parts.log
  }

  /** Tells when `shown` answers something else of an account than before. */
  onChange(listener: () => void): void {
    this.listeners.add(listener)
  }

  /**
   * Keeps the password of a new account, then `add`s it. Where that fails the password is forgotten again. A keychain that refuses
   * keeps nothing; one that did not answer may do so later, and is asked to forget with the next, or at the next start.
   */
  async keep(account: StoredAccount, password: string, add: () => Promise<void>): Promise<void> {
    const { id, where } = account
    this.coming.add(id)
    try {
      if (where === 'keychain') await this.store.expectAccount(id)
      await this.credentials.keep(id, password, where).catch(async (thrown: unknown) => {
        if (toAppError(thrown).code === 'KEYCHAIN_UNAVAILABLE') await this.noteForgotten([id])
        throw thrown
      })
      await add().catch(async (thrown: unknown) => {
        this.coming.delete(id)
        await this.forget([account])
        throw thrown
      })
    } finally {
      this.coming.delete(id)
    }
  }

  /** Accounts, and where the password of each is as far as is known without opening the keychain. */
  shown(accounts: readonly StoredAccount[]): Account[] {
    return accounts.map((account) => {
      const { id, username, where } = account
      return { id, username, kept: this.isGone(account) || this.missing.has(id) ? 'missing' : where }
    })
  }

  /**
   * The account in use with its password, or null where a registry is used without one. CREDENTIAL_MISSING where the
   * password is not kept any more, KEYCHAIN_... where the keychain does not answer.
   */
  async credentialOf(registry: StoredRegistry): Promise<Credential | null> {
    const account = registry.accounts.find((one) => one.id === registry.activeAccountId)
    if (!account) return null
    const { username } = account
    const context = {
      side: 'keychain',
      registryId: registry.id,
      host: registry.host,
      account: username,
    } as const
    const password = this.isGone(account)
      ? null
      : await this.credentials.find(account.id).catch((thrown: unknown) => {
          throw toAppError(thrown).with(context)
        })
    this.noteMissing(account.id, password === null)
    if (password === null) throw new AppError('CREDENTIAL_MISSING', context)
    return { username, password }
  }

  /**
   * Forgets the passwords of accounts that are not in the store any more, and those that could not be forgotten earlier. What
   * the keychain refuses now stays noted, and is tried again with the next and at the next start. Answers why it refused, or null.
   */
  async forget(accounts: readonly StoredAccount[] = []): Promise<AppError | null> {
    const session = accounts.filter(({ where }) => where === 'session').map(({ id }) => id)
    let refusal: AppError | null = null
    const done: string[] = []
    for (const id of session.filter((id) => this.credentials.inSession(id))) await this.credentials.forget(id)
    for (const id of this.noted()) {
      try {
        await this.credentials.forget(id)
        done.push(id)
      } catch (thrown) {
        // The others would be refused as well, each after a while.
        refusal = toAppError(thrown)
        this.log.warn('the keychain forgets no account now', { code: refusal.code })
        break
      }
    }
    if (done.length > 0) await this.noteForgotten(done)
    return refusal
  }

  /** How many passwords of accounts that are gone may still be in the keychain. */
  left(): number {
    return this.noted().length
  }

  private noted(): string[] {
    return this.store.unforgotten().filter((id) => !this.coming.has(id))
  }

  /** Where that cannot be noted they are forgotten once more at the next start, which does no harm. */
  private async noteForgotten(ids: readonly string[]): Promise<void> {
    await this.store.forgotten(ids).catch((thrown: unknown) => {
      this.log.warn('it cannot be noted that an account is forgotten', { error: toAppError(thrown) })
    })
  }

  /** Kept in memory once, and that was in an earlier run. */
  private isGone(account: StoredAccount): boolean {
    return account.where === 'session' && !this.credentials.inSession(account.id)
  }

  private noteMissing(accountId: string, missing: boolean): void {
    if (this.missing.has(accountId) === missing) return
    if (missing) this.missing.add(accountId)
    else this.missing.delete(accountId)
    this.listeners.tell()
  }
}
