import { describe, expect, it } from 'vitest'
import { mayLead, reachOf } from '../../../electron/registry/reach'

it.each([
  ['8.8.8.8', 'public'],
  ['172.31.0.1', 'private'],
  ['172.32.0.1', 'public'],
  ['100.64.0.1', 'private'],
  ['::1', 'loopback'],
  ['fe80::1', 'link-local'],
  ['fd00::1', 'private'],
  ['::ffff:127.0.0.1', 'loopback'],
  // As a URL writes it.
  ['[::ffff:a9fe:a9fe]', 'link-local'],
  ['[::ffff:a00:1]', 'private'],
  ['[::ffff:808:808]', 'public'],
  ['2001:db8::1', 'public'],
])('tells how far %s reaches: %s', (address, reach) => {
  expect(reachOf(address)).toBe(reach)
})

describe('a registry leads to', () => {
  const addresses: Record<string, string[]> = {
    'registry.example': ['203.0.113.1'],
    'storage.example': ['198.51.100.7'],
    'inside.example': ['10.0.0.9'],
    'rebound.example': ['198.51.100.7', '169.254.169.254'],
    'here.example': ['127.0.0.1'],
  }
  const lead = (to: string, from = 'https://registry.example'): Promise<boolean> =>
    mayLead(new URL(from), new URL(to), (host) =>
      Promise.resolve(addresses[host] ?? Promise.reject(new Error(host))),
    )

  it.each([
    'https://storage.example/x',
    'https://inside.example/x',
    'https://10.0.0.9/x',
    'https://unknown.example/',
  ])('%s', async (to) => expect(await lead(to)).toBe(true))
  it.each([
    'https://127.0.0.1:2375/',
    'https://here.example/',
    'https://169.254.169.254/latest/',
    'https://[::ffff:169.254.169.254]/',
    'https://[fe80::1]/',
    'https://rebound.example/',
  ])('its like only: not to %s', async (to) => expect(await lead(to)).toBe(false))

  it('this machine where it is on it itself, and never another link-local address', async () => {
    expect(await lead('http://127.0.0.1:9000/', 'http://here.example')).toBe(true)
    expect(await lead('http://169.254.1.1:9000/', 'http://169.254.1.1')).toBe(true)
    expect(await lead('http://169.254.169.254/', 'http://169.254.1.1')).toBe(false)
    expect(await lead('http://169.254.169.254/', 'http://10.0.0.1')).toBe(false)
  })
})
