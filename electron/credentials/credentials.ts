import { type AppError, toAppError } from '@shared/error'
import type { Keychain } from './keychain'

export type KeptIn = 'keychain' | 'session'

/** An account that nobody has: asking for it tells whether the keychain answers, without opening anything. */
const nobody = 'nobody'

/** The passwords of accounts: in the OS keychain, or in memory until the program ends. */
export class Credentials {
  private readonly session = new Map<string, string>()

  constructor(private readonly keychain: Keychain) {}

  /** Null when the keychain answers, else why it does not. */
  async available(): Promise<AppError | null> {
    try {
      await this.keychain.get(nobody)
      return null
    } catch (thrown) {
      return toAppError(thrown)
    }
  }

  /** Keeps a password in one place only; when the keychain refuses, it is kept nowhere and the refusal is thrown. */
  async keep(accountId: string, password: string, where: KeptIn): Promise<void> {
    if (where === 'keychain') await this.keychain.set(accountId, password)
    if (where === 'session') this.session.set(accountId, password)
    else this.session.delete(accountId)
  }

  /** The password of an account, or null where it is not kept any more. */
  async find(accountId: string): Promise<string | null> {
    const kept = this.session.get(accountId) ?? (await this.keychain.get(accountId))
    if (kept === null) await this.requireOpen()
    return kept
  }

  /** Forgets a password wherever it is; the keychain is asked only when it is not in memory, and KEYCHAIN_... is its refusal. */
  async forget(accountId: string): Promise<void> {
    if (this.session.delete(accountId)) return
    if (!(await this.keychain.remove(accountId))) await this.requireOpen()
  }

  /** Whether a password is in memory; the keychain is not asked. */
  inSession(accountId: string): boolean {
    return this.session.has(accountId)
  }

  async where(accountId: string): Promise<KeptIn | 'missing'> {
    if (this.session.has(accountId)) return 'session'
    return (await this.find(accountId)) === null ? 'missing' : 'keychain'
  }

  /** A locked Secret Service answers as if it had nothing; only a write is refused with the true reason. */
  private async requireOpen(): Promise<void> {
    await this.keychain.set(nobody, nobody)
    await this.keychain.remove(nobody)
  }
}
