import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { emptySpec, type DeploymentSpec } from '@shared/deployment'
import {
  cpuShares,
  endpointOf,
  furtherNetworks,
  toContainerBody,
} from '../../../../electron/deploy/model/container-body'
import { imageOf } from '../../../../electron/deploy/model/image'
import { fullSpec } from './some-spec'

const secret = randomBytes(12).toString('hex')
const bodyOf = (
  spec: DeploymentSpec,
  hostPorts?: Map<string, number | null>,
): ReturnType<typeof toContainerBody> =>
  toContainerBody({
    ...{ spec, image: 'app', imageConfig: { entrypoint: ['/own'], command: ['run'] } },
    ...{ labels: { mine: '1' }, secrets: { TOKEN: secret }, name: 'shop-1' },
    ...(hostPorts && { hostPorts }),
  })

describe('a container’s body', () => {
  it('has every field of the form', () => {
    const { _query, _body } = bodyOf(fullSpec())
    expect(_query).toEqual({ name: 'shop-1', platform: 'linux/amd64' })
    expect(_body).toMatchObject({
      Image: 'app',
      Env: ['GREETING=it’s "$HOME"', `TOKEN=${secret}`],
      Labels: { mine: '1', 'com.example.team': 'shop' },
      ExposedPorts: { '80/tcp': {}, '9000/udp': {}, '9229/tcp': {} },
      Entrypoint: ['/bin/sh', '-c', '{ export READY=1 # really\n} && exec "$@"', 'sh', '/bin/shop'],
      Cmd: ['serve', '--name', 'a b'],
      User: '1000:1000',
      WorkingDir: '/data',
      StopTimeout: 5,
      NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['shop'] } } },
      HostConfig: {
        PortBindings: {
          '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '' }],
          '9000/udp': [{ HostIp: '127.0.0.1', HostPort: '19000' }],
          '9229/tcp': [{ HostIp: '127.0.0.1', HostPort: '19229' }],
        },
        NanoCpus: 500_000_000,
        CpuShares: 512,
        Memory: 64 * 2 ** 20,
        MemoryReservation: 32 * 2 ** 20,
        StorageOpt: { size: String(2 ** 30) },
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        NetworkMode: 'front',
        Mounts: [
          { Type: 'volume', Source: 'shop-data', Target: '/data', ReadOnly: false },
          { Type: 'volume', Source: '', Target: '/scratch', ReadOnly: false },
          { Type: 'bind', Source: '/srv/www', Target: '/www', ReadOnly: true },
        ],
      },
    })
    expect(furtherNetworks(fullSpec())).toEqual(['back'])
  })

  it('leaves to the image what the form leaves open', () => {
    const { _body } = bodyOf(emptySpec(imageOf('a'), 'a'))
    for (const key of [
      'Entrypoint',
      'Cmd',
      'User',
      'WorkingDir',
      'Healthcheck',
      'StopTimeout',
      'NetworkingConfig',
    ]) {
      expect(_body).not.toHaveProperty(key)
    }
  })

  it('has nothing of a secret in what goes into the request’s address', () => {
    const request = bodyOf(fullSpec())
    expect(JSON.stringify(request._query)).not.toContain(secret)
    expect(Object.keys(request).sort()).toEqual(['_body', '_query'])
  })

  it('takes other host ports for a further instance', () => {
    const { _body } = bodyOf(
      fullSpec(),
      new Map([
        ['9000/udp', null],
        ['80/tcp', 18_080],
      ]),
    )
    expect(_body.HostConfig?.PortBindings).toMatchObject({
      '80/tcp': [{ HostPort: '18080' }],
      '9000/udp': [{ HostPort: '' }],
    })
  })

  it('publishes a debugger beside the same port for everyone', () => {
    const spec: DeploymentSpec = {
      ...emptySpec(imageOf('a'), 'a'),
      ports: [{ container: 80, host: 8080, protocol: 'tcp', scope: 'all', access: 'http' }],
      debugPort: { container: 80, host: null },
    }
    expect(bodyOf(spec)._body.HostConfig?.PortBindings).toEqual({
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '127.0.0.1', HostPort: '' },
      ],
    })
  })

  it('fails where a secret has no value', () => {
    const spec = fullSpec()
    spec.environment.push({ name: 'toString', value: '', secret: true })
    expect(() => bodyOf(spec)).toThrow(
      expect.objectContaining({ code: 'SECRET_MISSING', context: { side: 'pool', field: 'toString' } }),
    )
  })
})

it.each([
  [{ limit: 1, reservation: null, weight: null }, 0],
  [{ limit: 1, reservation: 0.5, weight: 700 }, 700],
  [{ limit: null, reservation: 0.5, weight: null }, 512],
  [{ limit: null, reservation: 1000, weight: null }, 262_144],
])('shares CPU by weight, or as much as is reserved: %j', (cpu, shares) => {
  expect(cpuShares(cpu)).toBe(shares)
})

it('has no name of its own in networks that know none', () => {
  expect(endpointOf({ name: 'a' }, 'host')).toEqual({})
  expect(endpointOf({ name: 'a' }, 'front')).toEqual({ Aliases: ['a'] })
})
