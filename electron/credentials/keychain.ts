/** Where passwords are kept by the system, by account ID. Each call fails with KEYCHAIN_UNAVAILABLE or KEYCHAIN_LOCKED. */
export interface Keychain {
  /** The secret of an account, or null where none is kept. */
  get(account: string): Promise<string | null>
  set(account: string, secret: string): Promise<void>
  /** Forgets a secret; false where none was found, which is no error. */
  remove(account: string): Promise<boolean>
}
