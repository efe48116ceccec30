import { expect, it } from 'vitest'
import type { ListedPort } from '../../../electron/deploy/engine-pool/listing'
import { portsOf } from '../../../electron/deploy/engine-pool/inspected'
import { ipAddress } from '../../../electron/deploy/ip-address'
import { hostOfNode } from '../../../electron/deploy/swarm-pool/addresses'

it.each(['0.0.0.0', '127.0.0.1', '::', 'fe80::1'])('takes %s', (text) => expect(ipAddress(text)).toBe(text))

const hostile = [
  'evil.example',
  'evil.example/?',
  '@evil.example',
  '1.2.3.4/#',
  '',
  '<img src=x>',
  null,
  undefined,
]
it.each(hostile)('takes %j for none', (text) => expect(ipAddress(text)).toBeNull())

it('lets no engine say where a link leads', () => {
  const ports = portsOf({
    NetworkSettings: { Ports: { '80/tcp': [{ HostIp: 'evil.example/?', HostPort: '8080' }] } },
  })
  expect(ports).toEqual<ListedPort[]>([{ ip: null, container: 80, host: 8080, protocol: 'tcp' }])
  const node = { ID: 'other', Status: { Addr: 'evil.example/?' } } as Parameters<typeof hostOfNode>[1][number]
  expect(hostOfNode({ addressHost: '10.0.0.1', nodeId: 'this' }, [node], 'other')).toBe('10.0.0.1')
})
