import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Credentials } from '../../../electron/credentials/credentials'
import { KeytarKeychain } from '../../../electron/credentials/keytar'
import { startKeyring, type Keyring } from '../../lab/keyring'

let keyring: Keyring
beforeAll(async () => {
  keyring = await startKeyring()
  // Read by libsecret when keytar is first used, which is only below.
  for (const [name, value] of Object.entries(keyring.env)) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await keyring.stop()
})

describe('with a real keyring', () => {
  const account = randomUUID()
  const password = randomBytes(16).toString('hex')

  it('answers', async () => {
    expect(await new Credentials(new KeytarKeychain()).available()).toBeNull()
  })

  it('keeps a password for a later run of the program, and forgets it', async () => {
    await new Credentials(new KeytarKeychain()).keep(account, password, 'keychain')
    const later = new Credentials(new KeytarKeychain())
    expect(await later.find(account)).toBe(password)
    expect(await later.where(account)).toBe('keychain')
    await later.forget(account)
    await later.forget(account)
    expect(await later.find(account)).toBeNull()
    expect(await later.where(account)).toBe('missing')
  })

  it('keeps what other scripts and symbols there are', async () => {
    const credentials = new Credentials(new KeytarKeychain())
    const strange = `密码 "ü' \\ ${password} 🗝`
    await credentials.keep(account, strange, 'keychain')
    expect(await credentials.find(account)).toBe(strange)
    await credentials.forget(account)
  })

  it('says that it is locked rather than wait for ever, and still keeps for the session', async () => {
    const credentials = new Credentials(new KeytarKeychain({ patience: 3000 }))
    const kept = randomUUID()
    await credentials.keep(kept, password, 'keychain')
    await keyring.lock()
    await expect(credentials.find(kept)).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
    await expect(credentials.keep(account, password, 'keychain')).rejects.toMatchObject({
      code: 'KEYCHAIN_LOCKED',
      context: { side: 'keychain' },
    })
    expect(credentials.inSession(account)).toBe(false)
    // Said to be forgotten, it would lie in the keychain for ever.
    await expect(credentials.forget(kept)).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
    await credentials.keep(account, password, 'session')
    expect(await credentials.find(account)).toBe(password)
  })
})
