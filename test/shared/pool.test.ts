import { expect, it } from 'vitest'
import { PoolDraft } from '@shared/pool'

const accepts = (host: string): boolean =>
  PoolDraft.safeParse({ name: 'a', host, certificates: null, sshConfig: null }).success

it.each([
  'unix:///var/run/docker.sock',
  'npipe:////./pipe/docker_engine',
  'tcp://10.0.0.5:2376',
  'tcp://engine.example',
  'tcp://[::1]:2376/',
  'http://127.0.0.1:2375',
  'https://engine.example:2376',
  'ssh://host',
  'ssh://user@host:22',
  'ssh://deploy-user@build.example.com/',
  'ssh://user@[fe80::1]:2222',
  ' tcp://spaces.around:1 ',
])('is an address of an engine: %s', (host) => {
  expect(accepts(host)).toBe(true)
})

it.each([
  '',
  '/var/run/docker.sock',
  'host:2375',
  'ftp://host',
  'unix://relative/path',
  'unix:///a\0b',
  // Each of these would be an option to ssh, or smuggle one in.
  'ssh://-oProxyCommand=touch%20x',
  'ssh://-oProxyCommand=x@host',
  'ssh://user@-oProxyCommand=x',
  'ssh://user@host -oProxyCommand=x',
  'ssh://user:password@host',
  'ssh://user@host/path',
  'ssh://user@host:port',
  'ssh://us er@host',
  'ssh://host\n-v',
  'ssh://$(id)@host',
  // Credentials, paths and queries have no place.
  'tcp://user:password@host:2375',
  'tcp://-host:2375',
  'tcp://host:2375/path',
  'tcp://host?x=1',
  'tcp://host#x',
  'tcp://',
  `tcp://${'a'.repeat(500)}`,
])('is no address of an engine: %j', (host) => {
  expect(accepts(host)).toBe(false)
})

it('needs a name', () => {
  const draft = { name: '  ', host: 'tcp://h', certificates: null, sshConfig: null }
  expect(PoolDraft.safeParse(draft).success).toBe(false)
})
