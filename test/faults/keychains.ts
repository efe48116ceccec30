import { KeytarKeychain } from '../../electron/credentials/keytar'
import type { Keychain } from '../../electron/credentials/keychain'
import { MemoryKeychain } from '../electron/credentials/memory-keychain'
import type { Order } from './program-process'

/** The keychain that an order asks for: the system's, by its environment, or one in memory. */
export function keychainOf({ keychain }: Order): Keychain {
  return keychain === 'system' ? new KeytarKeychain({ patience: 3000 }) : new MemoryKeychain()
}
