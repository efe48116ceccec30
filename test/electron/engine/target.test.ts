import { describe, expect, it } from 'vitest'
import { registryAuth } from '../../../electron/engine/authorization'
import { isLoopback, mayHoldSecrets, parseAddress, type Target } from '../../../electron/engine/target'

const target = (host: string, tls: Target['tls'] = null): Target => ({
  endpoint: { id: 'x', source: 'DOCKER_HOST', label: host, host },
  tls,
  explicit: true,
  present: true,
  problem: null,
})
const material = (verify: boolean): Target['tls'] => ({ ca: null, cert: null, key: null, verify })

describe('an engine’s address', () => {
  it.each([
    ['unix:///run/d.sock', { kind: 'socket', path: '/run/d.sock' }],
    ['unix://', { kind: 'socket', path: '/var/run/docker.sock' }],
    ['npipe:////./pipe/docker_engine', { kind: 'socket', path: '//./pipe/docker_engine' }],
    ['tcp://10.0.0.5', { kind: 'tcp', hostname: '10.0.0.5', port: 2375, secure: false }],
    ['tcp://10.0.0.5:80', { kind: 'tcp', hostname: '10.0.0.5', port: 80, secure: false }],
    ['build.example:2375', { kind: 'tcp', hostname: 'build.example', port: 2375, secure: false }],
    ['tcp://[::1]:4243/', { kind: 'tcp', hostname: '[::1]', port: 4243, secure: false }],
    ['https://e.example', { kind: 'tcp', hostname: 'e.example', port: 2376, secure: true }],
    ['ssh://dev@e.example', { kind: 'ssh', user: 'dev', hostname: 'e.example', port: null }],
    ['ssh://alias/', { kind: 'ssh', user: null, hostname: 'alias', port: null }],
    ['ssh://a.b-c@[fe80::1]:2222', { kind: 'ssh', user: 'a.b-c', hostname: 'fe80::1', port: 2222 }],
  ])('%s', (host, address) => {
    expect(parseAddress(host, false)).toEqual(address)
  })
  it('has docker’s TLS port when TLS is asked for', () => {
    expect(parseAddress('tcp://e.example', true)).toMatchObject({ port: 2376, secure: true })
  })
  it.each([
    ...['fd://', 'tcp://', 'tcp://user:pw@host', 'tcp://a b'],
    ...['ssh://', 'ssh://-oProxyCommand=x', 'ssh://-l@host', 'ssh://host:0', 'ssh://host:70000'],
    ...['ssh://u:pw@host', 'ssh://host/run/x.sock', 'ssh://a b', 'ssh://$(id)', 'ssh://a;b', 'ssh://%h'],
  ])('%s is refused', (host) => {
    expect(() => parseAddress(host, false)).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }))
  })
})

describe('credentials', () => {
  const auth = { username: 'dev', password: 'canary', serverAddress: 'r.example' }
  it.each([
    [target('unix:///run/d.sock'), true],
    [target('npipe:////./pipe/docker_engine'), true],
    [target('tcp://127.0.0.1:2375'), true],
    [target('tcp://[::1]:2375'), true],
    [target('tcp://localhost:2375'), true],
    [target('ssh://dev@build.example'), true],
    [target('tcp://10.0.0.5:2375'), false],
    [target('tcp://127.0.0.1.evil.example:2375'), false],
    [target('tcp://localhost.evil.example:2375'), false],
    [target('tcp://10.0.0.5:2376', material(true)), true],
    [target('tcp://10.0.0.5:2376', material(false)), false],
  ])('go to an engine that is local or checked: %j', (engine, allowed) => {
    expect(mayHoldSecrets(engine)).toBe(allowed)
    const give = (): unknown => registryAuth(auth, engine)
    if (allowed) expect(give()).toMatchObject({ username: 'dev' })
    else expect(give).toThrow(expect.objectContaining({ code: 'ENGINE_INSECURE' }))
  })
  it('are never named in the refusal', () => {
    try {
      registryAuth(auth, target('tcp://10.0.0.5'))
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain('canary')
    }
    expect.assertions(1)
  })
  it('may be absent: an unsafe engine pushes anonymously', () => {
    expect(registryAuth(null, target('tcp://10.0.0.5'))).toEqual({})
  })
  it('of the user <token> are an identity token', () => {
    const token = registryAuth({ ...auth, username: '<token>' }, target('unix:///d.sock'))
    expect(token).toEqual({ identitytoken: 'canary', serveraddress: 'r.example' })
  })
})

it('loopback is this machine by number or by its own name', () => {
  expect(['127.0.0.1', '127.9.9.9', '[::1]', 'LOCALHOST'].every(isLoopback)).toBe(true)
  expect(['127.0.0.1.example', '10.0.0.1', '0.0.0.0', 'localhost.example'].some(isLoopback)).toBe(false)
})
