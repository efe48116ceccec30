import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import { Credentials } from '../../../electron/credentials/credentials'
import { DeploymentSecrets } from '../../../electron/deploy/secrets'
import { MemoryKeychain } from '../credentials/memory-keychain'

const word = (): string => randomBytes(9).toString('hex')
const spec = (...names: string[]): { name: string; environment: EnvironmentSpec[] } => ({
  name: 'shop',
  environment: [
    { name: 'OPEN', value: 'plain', secret: false },
    ...names.map((name) => ({ name, value: '', secret: true })),
  ],
})

describe('secrets of a deployment', () => {
  it('are taken as given, else as kept, else as they run', async () => {
    const keychain = new MemoryKeychain()
    const secrets = new DeploymentSecrets(new Credentials(keychain))
    const [given, kept, running] = [word(), word(), word()]
    await secrets.keep('one', { B: kept }, 'keychain')
    const asked: string[][] = []
    const ask = (names: readonly string[]): Promise<Record<string, string>> => {
      asked.push([...names])
      return Promise.resolve({ C: running })
    }
    const all = await secrets.complete('one', spec('A', 'B', 'C'), { A: given, OPEN: 'x' }, ask)
    expect(all).toEqual({ A: given, B: kept, C: running })
    expect(asked).toEqual([['C']])
  })

  it('that nobody has are named', async () => {
    const secrets = new DeploymentSecrets(new Credentials(new MemoryKeychain()))
    const missing = { code: 'SECRET_MISSING', context: { field: 'A', deployment: 'shop' } }
    await expect(secrets.complete('one', spec('A'), {}, null)).rejects.toMatchObject(missing)
    await expect(secrets.complete('one', spec('A'), {}, () => Promise.resolve({}))).rejects.toMatchObject(
      missing,
    )
  })

  it('of one deployment are not those of another, and can be forgotten', async () => {
    const secrets = new DeploymentSecrets(new Credentials(new MemoryKeychain()))
    const value = word()
    await secrets.keep('one', { A: value }, 'keychain')
    await expect(secrets.complete('two', spec('A'), {}, null)).rejects.toMatchObject({
      code: 'SECRET_MISSING',
    })
    await secrets.forget('one', ['A', 'NEVER'])
    await expect(secrets.complete('one', spec('A'), {}, null)).rejects.toMatchObject({
      code: 'SECRET_MISSING',
    })
  })

  it('are asked of what runs where the keychain is locked, and else it says so', async () => {
    const refused = new AppError('KEYCHAIN_LOCKED', { side: 'keychain' })
    const keeper = {
      keep: () => Promise.reject(refused),
      find: () => Promise.reject(refused),
      forget: () => Promise.resolve(),
    }
    const secrets = new DeploymentSecrets(keeper)
    const value = word()
    expect(await secrets.complete('one', spec('A'), {}, () => Promise.resolve({ A: value }))).toEqual({
      A: value,
    })
    await expect(secrets.complete('one', spec('A'), {}, null)).rejects.toMatchObject({
      code: 'KEYCHAIN_LOCKED',
    })
  })
})
