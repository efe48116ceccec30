import { expect, it } from 'vitest'
import type { ImageConfig } from '@shared/browse'
import { emptySpec, problemsOf } from '@shared/deployment'
import { imageOf } from '../../../electron/deploy/model/image'
import { prefill } from '../../../electron/deploy/prefill'

const config = (rest: Partial<ImageConfig> = {}): ImageConfig => ({
  ...{
    entrypoint: ['/run'],
    command: null,
    environment: [{ name: 'PATH', value: '/bin' }],
    ports: [],
    volumes: [],
  },
  ...{ user: 'web', workingFolder: '/srv', labels: { a: 'b' }, stopSignal: null, healthCheck: null },
  ...rest,
})

it('takes name, ports and volumes from the image, and leaves the rest to it', () => {
  const image = imageOf('registry.example:5000/team/My_Shop.web:1.2')
  const repository = { ...imageOf('registry.example:5000/team/my_shop.web:1.2') }
  expect(image.repository).toBeNull()
  const spec = prefill(
    repository,
    config({
      ports: ['80/tcp', '8443/tcp', '5432', '53/udp', '8000-8010/tcp', '99999/tcp', 'x'],
      volumes: ['/var/lib/data', '/data/', '/cache', 'relative'],
    }),
  )
  expect(spec).toEqual({
    ...emptySpec(repository, 'my-shop-web'),
    ports: [
      { container: 80, host: null, protocol: 'tcp', scope: 'all', access: 'http' },
      { container: 8443, host: null, protocol: 'tcp', scope: 'all', access: 'https' },
      { container: 5432, host: null, protocol: 'tcp', scope: 'all', access: 'tcp' },
      { container: 53, host: null, protocol: 'udp', scope: 'all', access: 'tcp' },
    ],
    volumes: [
      { kind: 'volume', name: 'my-shop-web-data', path: '/var/lib/data', readOnly: false },
      { kind: 'volume', name: 'my-shop-web-data-2', path: '/data', readOnly: false },
      { kind: 'volume', name: 'my-shop-web-cache', path: '/cache', readOnly: false },
    ],
  })
})

it.each([
  ['localhost:5000/app:1', 'app'],
  ['nginx', 'nginx'],
  [`sha256:${'a'.repeat(64)}`, 'deployment'],
])('fills a valid form from %s without its config', (reference, name) => {
  const spec = prefill(imageOf(reference), null)
  expect(spec.name).toBe(name)
  expect(problemsOf(spec)).toEqual([])
})

it('fills a valid form from a hostile config', () => {
  const ports = [...Array.from({ length: 1000 }, (_, index) => `${index}/tcp`), '80/tcp', '80/tcp']
  const volumes = ['/', '/a\0b', `/${'x'.repeat(5000)}`, '/ok', '/ok/', '/a\nb']
  expect(problemsOf(prefill(imageOf('a'), config({ ports, volumes })))).toEqual([])
})
