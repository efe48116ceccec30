import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Keychain } from '../../electron/credentials/keychain'

/** A keychain that outlives a program that is killed, as the system's does, in a file of the experiment's own folder. */
export class FileKeychain implements Keychain {
  constructor(private readonly path: string) {}

  get(account: string): Promise<string | null> {
    return Promise.resolve(keptIn(this.path)[account] ?? null)
  }

  set(account: string, secret: string): Promise<void> {
    this.write({ ...keptIn(this.path), [account]: secret })
    return Promise.resolve()
  }

  remove(account: string): Promise<boolean> {
    const { [account]: gone, ...kept } = keptIn(this.path)
    this.write(kept)
    return Promise.resolve(gone !== undefined)
  }

  private write(kept: Record<string, string>): void {
    writeFileSync(`${this.path}.new`, JSON.stringify(kept), { mode: 0o600 })
    renameSync(`${this.path}.new`, this.path)
  }
}

/** What a keychain's file holds, by account. */
export function keptIn(path: string): Record<string, string> {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>) : {}
}

/** Where the keychain of a data folder is. */
export const keychainFile = (folder: string): string => `${folder}.keychain`
