import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { emptySpec } from '@shared/deployment'
import { composeOf } from '../../../../electron/deploy/description/compose'
import { imageOf } from '../../../../electron/deploy/model/image'
import { fullSpec } from '../model/some-spec'

it('has every field, in Compose’s words', () => {
  const text = composeOf(fullSpec(), 'docker')
  expect(parse(text)).toEqual({
    name: 'shop',
    services: {
      shop: {
        image: 'registry.example:5000/team/shop:1.2',
        platform: 'linux/amd64',
        entrypoint: ['/bin/sh', '-c', '{ export READY=1 # really\n} && exec "$$@"', 'sh', '/bin/shop'],
        command: ['serve', '--name', 'a b'],
        environment: { GREETING: 'it’s "$$HOME"', TOKEN: null },
        ports: [
          { target: 80, protocol: 'tcp', app_protocol: 'http' },
          { target: 9000, published: '19000', host_ip: '127.0.0.1', protocol: 'udp' },
          { target: 9229, published: '19229', host_ip: '127.0.0.1', protocol: 'tcp' },
        ],
        volumes: [
          { type: 'volume', source: 'shop-data', target: '/data' },
          { type: 'volume', target: '/scratch' },
          { type: 'bind', source: '/srv/www', target: '/www', read_only: true },
        ],
        configs: [{ source: 'file-1', target: '/etc/shop/shop.conf', mode: 0o640 }],
        user: '1000:1000',
        working_dir: '/data',
        deploy: {
          replicas: 2,
          resources: {
            limits: { cpus: '0.5', memory: '64m' },
            reservations: { cpus: '0.25', memory: '32m' },
          },
        },
        cpu_shares: 512,
        storage_opt: { size: '1073741824' },
        restart: 'on-failure:3',
        healthcheck: {
          test: ['CMD-SHELL', expect.stringContaining('127.0.0.1:80/health?a=1&b')],
          ...{ interval: '0.5s', timeout: '2s', start_period: '0s', retries: 4 },
        },
        stop_grace_period: '5s',
        pre_stop: [{ command: ['/bin/sh', '-c', 'echo bye'] }],
        labels: { 'com.example.team': 'shop' },
        networks: { front: { aliases: ['shop'] }, back: { aliases: ['shop'] } },
      },
    },
    volumes: { 'shop-data': { name: 'shop-data' } },
    networks: { front: { external: true }, back: { external: true } },
    configs: { 'file-1': { content: 'price=$$5\n' } },
  })
  expect(text).toContain('mode: 0o640')
})

it('is short for a deployment of nothing but an image', () => {
  expect(parse(composeOf(emptySpec(imageOf('localhost:5000/app:1'), 'app'), 'docker'))).toEqual({
    name: 'app',
    services: {
      app: { image: 'localhost:5000/app:1', deploy: { replicas: 1 }, restart: 'unless-stopped' },
    },
  })
})

it('for a swarm says how it is restarted and changed there', () => {
  const service = (parse(composeOf(fullSpec(), 'swarm')) as { services: { shop: Record<string, unknown> } })
    .services.shop
  expect(service).not.toHaveProperty('restart')
  expect(service).not.toHaveProperty('cpu_shares')
  expect(service.deploy).toMatchObject({
    restart_policy: { condition: 'on-failure', max_attempts: 3 },
    update_config: { order: 'start-first', failure_action: 'rollback' },
  })
})

it('takes a network of the engine’s own as a mode', () => {
  const spec = { ...emptySpec(imageOf('localhost/a:1'), 'a'), networks: ['host'] }
  const compose = parse(composeOf(spec, 'docker')) as { services: { a: object }; networks?: object }
  expect(compose.services.a).toMatchObject({ network_mode: 'host' })
  expect(compose).not.toHaveProperty('networks')
})

it('never holds a secret', () => {
  const secret = randomBytes(12).toString('hex')
  const spec = fullSpec()
  spec.environment = [{ name: 'TOKEN', value: secret, secret: true }]
  expect(composeOf(spec, 'docker')).not.toContain(secret)
})
