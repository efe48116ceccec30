import { join } from 'node:path'
import { runCommand } from '../../lab/command'
import type { Keyring } from '../../lab/keyring'

const question = `
  const keytar = require('keytar')
  keytar.findCredentials('Slipway').then((found) => process.stdout.write(JSON.stringify(found)))`

/** What the keyring holds of the program. Asked in a process of its own, since libsecret looks for its bus only once. */
export async function keptSecrets(keyring: Keyring): Promise<string[]> {
  const folder = join(import.meta.dirname, '../../..')
  const env = { PATH: process.env.PATH, NODE_PATH: join(folder, 'node_modules'), ...keyring.env }
  const text = await runCommand(process.execPath, ['-e', question], { env })
  return (JSON.parse(text) as { password: string }[]).map(({ password }) => password)
}
