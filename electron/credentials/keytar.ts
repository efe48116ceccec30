import { createRequire } from 'node:module'
import { AppError } from '@shared/error'
import type { Keychain } from './keychain'

/** The part of keytar that is used. Not `findCredentials`: it ends the process when the Secret Service is locked. */
export interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}

export interface KeytarOptions {
  /** Loads the native module; called at the first use, and again after a failure. */
  load?: () => Promise<Keytar>
  /** Milliseconds after which a call counts as waiting for somebody to unlock the keychain. */
  patience?: number
}

const service = 'Slipway'

/** Words by which the systems' keychains say that they are there but closed: libsecret, macOS, KWallet. */
const lockedWords = /locked|dismiss|cancel|not allowed|passphrase/i

/**
 * The OS keychain: Keychain on macOS, the Credential Vault on Windows, the Secret Service on Linux. Calls go one after
 * another: while an unlock prompt is open, each would occupy one of libuv's few threads until it is answered.
 */
export class KeytarKeychain implements Keychain {
  private readonly load: () => Promise<Keytar>
  private readonly patience: number
  private loaded: Promise<Keytar> | null = null
  private last: Promise<unknown> = Promise.resolve()

  constructor(options: KeytarOptions = {}) {
    this.load = options.load ?? loadKeytar
    this.patience = options.patience ?? 20_000
  }

  get(account: string): Promise<string | null> {
    return this.call((keytar) => keytar.getPassword(service, account))
  }

  set(account: string, secret: string): Promise<void> {
    return this.call((keytar) => keytar.setPassword(service, account, secret))
  }

  remove(account: string): Promise<boolean> {
    return this.call((keytar) => keytar.deletePassword(service, account))
  }

  private async call<T>(work: (keytar: Keytar) => Promise<T>): Promise<T> {
    let givenUp = false
    const turn = this.last.then(async () => {
      // Whoever gave up waiting must not find later that it was done after all.
      if (givenUp) throw locked('An earlier call still waits for the keychain.')
      return work(await this.module())
    })
    this.last = turn.catch(() => undefined) // Told to the caller below; the next turn only waits for the end.
    let timer: NodeJS.Timeout | undefined
    const timeUp = new Promise<never>((_done, fail) => {
      timer = setTimeout(() => {
        givenUp = true
        fail(locked('The keychain did not answer; it may be waiting to be unlocked.'))
      }, this.patience)
    })
    try {
      return await Promise.race([turn, timeUp])
    } catch (thrown) {
      throw toKeychainError(thrown)
    } finally {
      clearTimeout(timer)
    }
  }

  private module(): Promise<Keytar> {
    this.loaded ??= this.load().catch((thrown: unknown) => {
      this.loaded = null
      throw thrown
    })
    return this.loaded
  }
}

// Not `import`: before Electron 28 that finds nothing in app.asar.
async function loadKeytar(): Promise<Keytar> {
  return createRequire(import.meta.url)('keytar') as Keytar
}

const locked = (detail: string): AppError => new AppError('KEYCHAIN_LOCKED', { side: 'keychain' }, { detail })

function toKeychainError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  const code = lockedWords.test(detail) ? 'KEYCHAIN_LOCKED' : 'KEYCHAIN_UNAVAILABLE'
  return new AppError(code, { side: 'keychain' }, { detail, cause: thrown })
}
