import { KeytarKeychain } from '../../electron/credentials/keytar'
import type { Keychain } from '../../electron/credentials/keychain'
import { MemoryKeychain } from '../electron/credentials/memory-keychain'
import { FileKeychain, keychainFile } from './file-keychain'
import type { Order } from './program-process'

/** The keychain that an order asks for: the system's, by its environment, one in memory, or one that a kill leaves. */
export function keychainOf({ keychain, folder }: Order): Keychain {
  if (keychain === 'system') return new KeytarKeychain({ patience: 3000 })
  return keychain === 'file' ? new FileKeychain(keychainFile(folder)) : new MemoryKeychain()
}
