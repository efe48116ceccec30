import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import { Credentials } from '../../../electron/credentials/credentials'
import { brokenKeychain, MemoryKeychain } from './memory-keychain'

const password = randomBytes(12).toString('hex')

describe('Credentials', () => {
  it('keeps a password in the keychain', async () => {
    const keychain = new MemoryKeychain()
    const credentials = new Credentials(keychain)
    await credentials.keep('a', password, 'keychain')
    expect(keychain.entries.get('a')).toBe(password)
    expect(await credentials.find('a')).toBe(password)
    expect(await credentials.where('a')).toBe('keychain')
    await credentials.forget('a')
    expect(keychain.entries.size).toBe(0)
    expect(await credentials.where('a')).toBe('missing')
  })

  it('keeps a password for the session without touching the keychain', async () => {
    const credentials = new Credentials(brokenKeychain())
    await credentials.keep('a', password, 'session')
    expect(await credentials.find('a')).toBe(password)
    expect(await credentials.where('a')).toBe('session')
    await credentials.forget('a')
    await expect(credentials.find('a')).rejects.toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' })
  })

  it('keeps nothing when the keychain refuses', async () => {
    const credentials = new Credentials(brokenKeychain())
    await expect(credentials.keep('a', password, 'keychain')).rejects.toBeInstanceOf(AppError)
    expect(credentials.inSession('a')).toBe(false)
  })

  it('tells a password that is gone from a keychain that is locked', async () => {
    const keychain = new MemoryKeychain()
    const credentials = new Credentials(keychain)
    await credentials.keep('a', password, 'keychain')
    keychain.locked = true
    await expect(credentials.find('a')).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
    await expect(credentials.forget('a')).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
    keychain.locked = false
    expect(await credentials.find('a')).toBe(password)
    expect(await credentials.find('b')).toBeNull()
    expect([...keychain.entries.keys()]).toEqual(['a'])
  })

  it('tells whether the keychain answers', async () => {
    expect(await new Credentials(new MemoryKeychain()).available()).toBeNull()
    expect(await new Credentials(brokenKeychain()).available()).toMatchObject({
      code: 'KEYCHAIN_UNAVAILABLE',
    })
  })
})
