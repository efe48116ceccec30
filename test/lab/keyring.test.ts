import { expect, it } from 'vitest'
import { runCommand } from './command'
import { startKeyring, type Keyring } from './keyring'

// In a process of its own, as libsecret takes the address of the bus once and for all.
function keytar(keyring: Keyring, expression: string): Promise<string> {
  const script = `import keytar from 'keytar'; console.log(await ${expression})`
  const env = { PATH: process.env.PATH, ...keyring.env }
  return runCommand(process.execPath, ['--input-type=module', '--eval', script], { env }).then((text) =>
    text.trim(),
  )
}

it('a keyring keeps secrets for keytar, but not while it is locked, apart from any other', async () => {
  const [keyring, other] = await Promise.all([startKeyring(), startKeyring()])
  await keytar(keyring, `keytar.setPassword('slipway', 'developer', 'a secret')`)
  expect(await keytar(keyring, `keytar.getPassword('slipway', 'developer')`)).toBe('a secret')
  expect(await keytar(other, `keytar.getPassword('slipway', 'developer')`)).toBe('null')
  await keyring.lock()
  await expect(keytar(keyring, `keytar.setPassword('slipway', 'other', 'x')`)).rejects.toThrow(
    'locked collection',
  )
  await keyring.unlock()
  expect(await keytar(keyring, `keytar.getPassword('slipway', 'developer')`)).toBe('a secret')
  await Promise.all([keyring.stop(), other.stop()])
  await expect(keytar(keyring, `keytar.getPassword('slipway', 'developer')`)).rejects.toThrow()
})
