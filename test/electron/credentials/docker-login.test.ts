import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findDockerLogin } from '../../../electron/credentials/docker-login'

let folder: string
const secret = randomBytes(12).toString('hex')
const host = 'registry.example.com:5000'
const auth = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString('base64')

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'docker-login-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const write = (config: unknown): void =>
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
const find = (name = host, ask?: (helper: string, server: string) => Promise<string | null>) =>
  findDockerLogin(name, { environment: { DOCKER_CONFIG: folder }, home: '/nowhere', ...(ask && { ask }) })
const answer = (username: string): string =>
  JSON.stringify({ ServerURL: host, Username: username, Secret: secret })

describe('the account that docker keeps', () => {
  it('is none where docker was never used', async () => {
    expect(await find()).toBeNull()
    expect(await findDockerLogin(host, { environment: {}, home: folder })).toBeNull()
  })

  it('is found in the home folder where no other one is named', async () => {
    mkdirSync(join(folder, '.docker'))
    const config = { auths: { [host]: { auth: auth('dev', secret) } } }
    writeFileSync(join(folder, '.docker/config.json'), JSON.stringify(config))
    expect(await findDockerLogin(host, { environment: {}, home: folder })).toEqual({
      username: 'dev',
      password: secret,
    })
  })

  it.each([host, `https://${host}`, `https://${host}/v2/`])('is read from auths under %s', async (name) => {
    write({ auths: { [name]: { auth: auth('dev', `${secret}:with:colons`) } } })
    expect(await find()).toEqual({ username: 'dev', password: `${secret}:with:colons` })
  })

  it('is known for Docker Hub by its old name', async () => {
    write({ auths: { 'https://index.docker.io/v1/': { auth: auth('dev', secret) } } })
    expect(await find('docker.io')).toMatchObject({ username: 'dev' })
  })

  it('may be an identity token', async () => {
    write({ auths: { [host]: { auth: auth('dev', ''), identitytoken: secret } } })
    expect(await find()).toEqual({ username: '<token>', password: secret })
  })

  it('is not that of another registry', async () => {
    write({ auths: { 'other.example.com': { auth: auth('dev', secret) } } })
    expect(await find()).toBeNull()
  })

  it('comes from the registry’s own helper before the common one, and from that before the file', async () => {
    write({
      auths: { [host]: { auth: auth('file', secret) }, 'b.example.com': { auth: auth('file', secret) } },
      credsStore: 'common',
      credHelpers: { [host]: 'own' },
    })
    const asked: string[] = []
    const ask = (helper: string, server: string): Promise<string | null> => {
      asked.push(`${helper} ${server}`)
      return Promise.resolve(answer(helper))
    }
    expect(await find(host, ask)).toMatchObject({ username: 'own' })
    expect(await find('b.example.com', ask)).toMatchObject({ username: 'common' })
    expect(asked).toEqual([`own ${host}`, 'common b.example.com'])
  })

  it('comes from the file where the common helper has none', async () => {
    write({ auths: { [host]: { auth: auth('file', secret) } }, credsStore: 'common' })
    expect(await find(host, () => Promise.resolve(null))).toMatchObject({ username: 'file' })
  })

  it.each(['../evil', 'a b', 'x;y', '$(z)', 'a/b'])('asks no helper that is named %s', async (name) => {
    write({ credsStore: name })
    await expect(find(host, () => Promise.resolve(answer('x')))).rejects.toMatchObject({
      code: 'CREDENTIAL_MISSING',
    })
  })

  it('is refused in words without the secret where file or helper are broken', async () => {
    write(`{"auths": {"${host}": {"auth": "${secret}"`)
    const broken: unknown = await find().catch((error: unknown) => error)
    expect(broken).toMatchObject({ code: 'CREDENTIAL_MISSING' })
    expect(String(broken) + JSON.stringify(broken)).not.toContain(secret)
    write({ credsStore: 'x' })
    await expect(find(host, () => Promise.resolve(`no json ${secret}`))).rejects.not.toThrow(secret)
  })

  it('is asked of a real program without a shell, the server on its standard input', async () => {
    const program = join(folder, 'docker-credential-lab')
    // The secret is made by the helper itself: it stands in no file.
    writeFileSync(
      program,
      '#!/bin/sh\nread -r server || true\n[ "$1" = get ] || exit 2\ncase "$server" in\n' +
        `  ${host}) printf '{"ServerURL":"%s","Username":"dev","Secret":"made-%s"}' "$server" "$server" ;;\n` +
        "  *) echo 'credentials not found in native keychain'; exit 1 ;;\nesac\n",
    )
    chmodSync(program, 0o755)
    write({ credsStore: 'lab' })
    const path = process.env['PATH']
    process.env['PATH'] = `${folder}:${path ?? ''}`
    try {
      expect(await find()).toEqual({ username: 'dev', password: `made-${host}` })
      expect(await find('other.example.com')).toBeNull()
      write({ credsStore: 'absent' })
      await expect(find()).rejects.toMatchObject({ detail: 'docker-credential-absent is not installed.' })
    } finally {
      process.env['PATH'] = path
    }
  })
})
