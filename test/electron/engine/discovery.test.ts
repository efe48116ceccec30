import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { discoverTargets, type DiscoveryOptions } from '../../../electron/engine/discovery'
import type { Target } from '../../../electron/engine/target'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'slw-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const idOf = (name: string): string => createHash('sha256').update(name).digest('hex')
const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
function context(name: string, docker: object, folder = join(home, '.docker')): void {
  const meta = { Name: name, Metadata: {}, Endpoints: { docker } }
  write(join(folder, 'contexts', 'meta', idOf(name), 'meta.json'), JSON.stringify(meta))
}
const discover = (environment: NodeJS.ProcessEnv = {}, rest: Partial<DiscoveryOptions> = {}): Target[] =>
  discoverTargets({ environment, home, platform: 'linux', uid: 1000, exists: () => false, ...rest })
const explicit = (targets: Target[]): string[] =>
  targets.filter((target) => target.explicit).map((target) => target.endpoint.host)

describe('the engine that docker’s client would take', () => {
  it('is DOCKER_HOST before any context', () => {
    context('work', { Host: 'tcp://10.0.0.1:2375' })
    const found = discover({ DOCKER_HOST: 'tcp://127.0.0.1:9', DOCKER_CONTEXT: 'work' })
    expect(explicit(found)).toEqual(['tcp://127.0.0.1:9'])
    expect(found[0]?.endpoint).toMatchObject({ id: 'DOCKER_HOST', source: 'DOCKER_HOST' })
  })
  it('is the context of DOCKER_CONTEXT before the current one', () => {
    context('work', { Host: 'tcp://10.0.0.1:2375' })
    context('home', { Host: 'unix:///home.sock' })
    write(join(home, '.docker', 'config.json'), JSON.stringify({ currentContext: 'home' }))
    expect(explicit(discover({ DOCKER_CONTEXT: 'work' }))).toEqual(['tcp://10.0.0.1:2375'])
    expect(explicit(discover())).toEqual(['unix:///home.sock'])
    expect(explicit(discover({ DOCKER_CONTEXT: 'default' }))).toEqual([])
  })
  it('honours DOCKER_CONFIG', () => {
    const folder = join(home, 'elsewhere')
    context('work', { Host: 'tcp://10.0.0.1:2375' }, folder)
    write(join(folder, 'config.json'), JSON.stringify({ currentContext: 'work' }))
    expect(explicit(discover())).toEqual([])
    expect(explicit(discover({ DOCKER_CONFIG: folder }))).toEqual(['tcp://10.0.0.1:2375'])
  })
  it('is a context that does not exist, with the reason, rather than something else', () => {
    const [first] = discover({ DOCKER_CONTEXT: 'gone' })
    expect(first).toMatchObject({ explicit: true, problem: { code: 'ENGINE_FAILED' } })
    expect(first?.problem?.detail).toContain('gone')
  })
  it('is none by name where nothing is configured, or only a broken file', () => {
    write(join(home, '.docker', 'config.json'), '{ not json')
    write(join(home, '.docker', 'contexts', 'meta', 'junk', 'meta.json'), '[]')
    expect(explicit(discover())).toEqual([])
  })
})

describe('the certificates', () => {
  it('are those of DOCKER_CERT_PATH when DOCKER_TLS_VERIFY is set', () => {
    write(join(home, 'certs', 'ca.pem'), 'CA')
    write(join(home, 'certs', 'cert.pem'), 'CERT')
    write(join(home, 'certs', 'key.pem'), 'KEY')
    const environment = { DOCKER_HOST: 'tcp://e.example:2376', DOCKER_CERT_PATH: join(home, 'certs') }
    expect(discover(environment)[0]?.tls).toBeNull()
    const tls = { ca: 'CA', cert: 'CERT', key: 'KEY', verify: true }
    expect(discover({ ...environment, DOCKER_TLS_VERIFY: '1' })[0]?.tls).toEqual(tls)
    expect(discover({ ...environment, DOCKER_TLS: '1' })[0]?.tls).toEqual({ ...tls, verify: false })
  })
  it('are a problem when they cannot be read, not a reason to go without', () => {
    mkdirSync(join(home, 'certs', 'ca.pem'), { recursive: true })
    const [first] = discover({
      DOCKER_HOST: 'tcp://e.example:2376',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: join(home, 'certs'),
    })
    expect(first).toMatchObject({ problem: { code: 'ENGINE_FAILED' } })
  })
  it('of a context lie beside it', () => {
    context('work', { Host: 'tcp://e.example:2376', SkipTLSVerify: false })
    write(join(home, '.docker', 'contexts', 'tls', idOf('work'), 'docker', 'ca.pem'), 'CA')
    expect(discover({ DOCKER_CONTEXT: 'work' })[0]?.tls).toEqual({
      ca: 'CA',
      cert: null,
      key: null,
      verify: true,
    })
  })
})

describe('the places to choose from', () => {
  it('are the usual sockets in docker’s order, then Podman’s, then other contexts', () => {
    context('other', { Host: 'tcp://10.0.0.1:2375' })
    const found = discover({ XDG_RUNTIME_DIR: '/run/user/7' }, { exists: () => true })
    expect(found.map((target) => target.endpoint.label)).toEqual([
      '/var/run/docker.sock',
      `${home}/.docker/run/docker.sock`,
      `${home}/.docker/desktop/docker.sock`,
      '/run/user/7/docker.sock',
      `${home}/.colima/default/docker.sock`,
      `${home}/.rd/docker.sock`,
      '/run/user/7/podman/podman.sock',
      '/run/podman/podman.sock',
      `${home}/.local/share/containers/podman/machine/podman.sock`,
      'other',
    ])
    expect(found.every((target) => target.present)).toBe(true)
  })
  it('look into the user’s runtime folder without XDG_RUNTIME_DIR too', () => {
    expect(discover().map((target) => target.endpoint.label)).toContain('/run/user/1000/docker.sock')
  })
  it('say which sockets are there', () => {
    const found = discover({}, { exists: (path) => path === '/run/podman/podman.sock' })
    expect(found.filter((target) => target.present).map((target) => target.endpoint)).toMatchObject([
      { source: 'podman', host: 'unix:///run/podman/podman.sock' },
    ])
  })
  it('are pipes on Windows', () => {
    const hosts = discover({}, { platform: 'win32', uid: null }).map((target) => target.endpoint.host)
    expect(hosts[0]).toBe('npipe:////./pipe/docker_engine')
    expect(hosts.every((host) => host.startsWith('npipe://'))).toBe(true)
  })
  it('keep their ids, which are short whatever the path is', () => {
    const long = `unix:///${'x'.repeat(300)}`
    context('n'.repeat(300), { Host: long })
    const ids = discover({ DOCKER_HOST: long }).map((target) => target.endpoint.id)
    expect(discover({ DOCKER_HOST: long }).map((target) => target.endpoint.id)).toEqual(ids)
    expect(ids.every((id) => id.length <= 100)).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })
  it('name an ssh engine, but none whose name could be an option to ssh', () => {
    context('remote', { Host: 'ssh://dev@build.example' })
    context('hostile', { Host: 'ssh://-oProxyCommand=true' })
    const problemOf = (name: string): unknown =>
      discover().find((target) => target.endpoint.label === name)?.problem
    expect(problemOf('remote')).toBe(null)
    expect(problemOf('hostile')).toMatchObject({ code: 'ENGINE_FAILED' })
  })
})
