import { AppError } from '@shared/error'
import type { Keychain } from '../../../electron/credentials/keychain'

/** A keychain in memory, for tests that are about something else. */
export class MemoryKeychain implements Keychain {
  readonly entries = new Map<string, string>()
  /** While set, every call fails with it. */
  failure: AppError | null = null

  /** As a locked Secret Service does it: nothing is found, and writing is refused. */
  locked = false

  get(account: string): Promise<string | null> {
    return this.call(() => (this.locked ? null : (this.entries.get(account) ?? null)))
  }

  set(account: string, secret: string): Promise<void> {
    if (this.locked) return Promise.reject(new AppError('KEYCHAIN_LOCKED', { side: 'keychain' }))
    return this.call(() => void this.entries.set(account, secret))
  }

  remove(account: string): Promise<boolean> {
    return this.call(() => !this.locked && this.entries.delete(account))
  }

  private call<T>(work: () => T): Promise<T> {
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(work())
  }
}

export function brokenKeychain(): MemoryKeychain {
  const keychain = new MemoryKeychain()
  keychain.failure = new AppError('KEYCHAIN_UNAVAILABLE', { side: 'keychain' })
  return keychain
}
