import { randomBytes } from 'node:crypto'

export interface Account {
  name: string
  password: string
}

/** An account with a password made up now; nothing that the lab uses is written down anywhere. */
export function newAccount(name: string): Account {
  return { name, password: randomBytes(12).toString('base64url') }
}
