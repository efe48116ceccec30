import { describe, expect, it } from 'vitest'
import { type Keytar, KeytarKeychain } from '../../../electron/credentials/keytar'

const never = new Promise<never>(() => undefined)

function fakeKeytar(part: Partial<Keytar> = {}): Keytar {
  return {
    getPassword: () => Promise.resolve(null),
    setPassword: () => Promise.resolve(),
    deletePassword: () => Promise.resolve(false),
    ...part,
  }
}

const failing = (message: string): Keytar =>
  fakeKeytar({ setPassword: () => Promise.reject(new Error(message)) })

describe('KeytarKeychain', () => {
  it('tells a keychain that is not there from one that is locked', async () => {
    const words: [string, string][] = [
      ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'KEYCHAIN_UNAVAILABLE'],
      ['Object does not exist at path “/org/freedesktop/secrets/collection/login”', 'KEYCHAIN_UNAVAILABLE'],
      ['Cannot create an item in a locked collection', 'KEYCHAIN_LOCKED'],
      ['User interaction is not allowed.', 'KEYCHAIN_LOCKED'],
    ]
    for (const [message, code] of words) {
      const keychain = new KeytarKeychain({ load: () => Promise.resolve(failing(message)) })
      await expect(keychain.set('account', 'x')).rejects.toMatchObject({
        code,
        context: { side: 'keychain' },
      })
    }
  })

  it('is unavailable while the native module does not load, and tries to load it again', async () => {
    let loads = 0
    const keychain = new KeytarKeychain({
      load: () => {
        loads += 1
        return loads === 1
          ? Promise.reject(new Error('libsecret-1.so.0 is missing'))
          : Promise.resolve(fakeKeytar())
      },
    })
    await expect(keychain.get('account')).rejects.toMatchObject({ code: 'KEYCHAIN_UNAVAILABLE' })
    await expect(keychain.get('account')).resolves.toBeNull()
  })

  it('gives up on a call that waits for an unlock prompt, and lets no other call through meanwhile', async () => {
    const calls: string[] = []
    const keytar = fakeKeytar({
      getPassword: (_service, account) => {
        calls.push(account)
        return never
      },
    })
    const keychain = new KeytarKeychain({ load: () => Promise.resolve(keytar), patience: 20 })
    await expect(keychain.get('first')).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
    await expect(keychain.get('second')).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
    expect(calls).toEqual(['first'])
  })

  it('does not do later what the caller has been told was not done', async () => {
    let unlock = (): void => undefined
    const done: string[] = []
    const keytar = fakeKeytar({
      getPassword: () => new Promise((resolve) => (unlock = () => resolve(null))),
      setPassword: (_service, account) => {
        done.push(account)
        return Promise.resolve()
      },
    })
    const keychain = new KeytarKeychain({ load: () => Promise.resolve(keytar), patience: 20 })
    await expect(keychain.get('first')).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
    await expect(keychain.set('given up', 'x')).rejects.toMatchObject({ code: 'KEYCHAIN_LOCKED' })
    unlock()
    await keychain.set('after', 'x')
    expect(done).toEqual(['after'])
  })
})
