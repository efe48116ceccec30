import { randomBytes, randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { Credentials } from '../../../electron/credentials/credentials'
import { KeytarKeychain } from '../../../electron/credentials/keytar'

// In a file, and so a process, of its own: libsecret looks for the bus only once.
it.runIf(process.platform === 'linux')('says that there is no keychain without a session bus', async () => {
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', 'unix:path=/nonexistent/bus')
  const credentials = new Credentials(new KeytarKeychain())
  const account = randomUUID()
  const password = randomBytes(16).toString('hex')
  const unavailable = { code: 'KEYCHAIN_UNAVAILABLE', context: { side: 'keychain' } }
  expect(await credentials.available()).toMatchObject(unavailable)
  await expect(credentials.keep(account, password, 'keychain')).rejects.toMatchObject(unavailable)
  expect(credentials.inSession(account)).toBe(false)
  await credentials.keep(account, password, 'session')
  expect(await credentials.find(account)).toBe(password)
  vi.unstubAllEnvs()
})
