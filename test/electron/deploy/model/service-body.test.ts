import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { emptySpec } from '@shared/deployment'
import { imageOf, noImageFacts } from '../../../../electron/deploy/model/image'
import {
  limitsOf,
  toServiceBody,
  type ServiceBodyOptions,
} from '../../../../electron/deploy/model/service-body'
import { fullSpec } from './some-spec'

const secret = randomBytes(12).toString('hex')
const bodyOf = (options: Partial<ServiceBodyOptions> = {}): ReturnType<typeof toServiceBody> =>
  toServiceBody({
    ...{ spec: fullSpec(), image: 'app@sha256:1', imageConfig: noImageFacts, name: 'shop' },
    ...{ labels: { model: 'm' }, taskLabels: { task: 't' }, secrets: { TOKEN: secret } },
    ...options,
  })

it('is a service of every field that a swarm knows', () => {
  const body = bodyOf({ configs: [{ id: 'c1', name: 'shop-conf-1' }] })
  expect(body).toMatchObject({
    Name: 'shop',
    Labels: { model: 'm', 'com.example.team': 'shop' },
    Mode: { Replicated: { Replicas: 2 } },
    UpdateConfig: { Order: 'start-first', FailureAction: 'rollback', Monitor: 5_000_000_000 },
    RollbackConfig: { Order: 'start-first', FailureAction: 'pause' },
    EndpointSpec: { Mode: 'vip', Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishMode: 'ingress' }] },
    TaskTemplate: {
      Resources: {
        Limits: { NanoCPUs: 500_000_000, MemoryBytes: 64 * 2 ** 20 },
        Reservations: { NanoCPUs: 250_000_000, MemoryBytes: 32 * 2 ** 20 },
      },
      RestartPolicy: { Condition: 'on-failure', MaxAttempts: 3 },
      Placement: { Platforms: [{ OS: 'linux', Architecture: 'amd64' }] },
      Networks: [
        { Target: 'front', Aliases: ['shop'] },
        { Target: 'back', Aliases: ['shop'] },
      ],
      ContainerSpec: {
        Image: 'app@sha256:1',
        Labels: { task: 't', 'com.example.team': 'shop' },
        Command: ['/bin/sh', '-c', '{ export READY=1 # really\n} && exec "$@"', 'sh', '/bin/shop'],
        Args: ['serve', '--name', 'a b'],
        StopGracePeriod: 5_000_000_000,
        Configs: [
          { ConfigID: 'c1', ConfigName: 'shop-conf-1', File: { Name: '/etc/shop/shop.conf', Mode: 0o640 } },
        ],
      },
    },
  })
})

it('never publishes for everyone what is for the host itself', () => {
  const ports = bodyOf().EndpointSpec?.Ports ?? []
  expect(ports.map(({ TargetPort }) => TargetPort)).toEqual([80])
})

it('keeps what changes with a version away from the tasks, which it would replace', () => {
  const template = (labels: Record<string, string>): string => JSON.stringify(bodyOf({ labels }).TaskTemplate)
  expect(template({ model: 'a' })).toBe(template({ model: 'b' }))
})

it('runs no instance while it is stopped', () => {
  expect(bodyOf({ replicas: 0 }).Mode).toEqual({ Replicated: { Replicas: 0 } })
})

it('says what a swarm cannot do', () => {
  const found = limitsOf(fullSpec(), 2).map(({ path, problem, severity }) => `${path} ${problem} ${severity}`)
  expect(found).toEqual([
    'ports.1.scope local-scope-unsupported error',
    'debugPort local-scope-unsupported error',
    'cpu.weight weight-unsupported warning',
    'diskBytes disk-unsupported warning',
    'volumes.2.source folder-on-every-node warning',
    'beforeStop before-stop-remote warning',
  ])
  expect(limitsOf(emptySpec(imageOf('localhost/a:1'), 'a'), 3)).toEqual([])
  expect(limitsOf({ ...emptySpec(imageOf(`sha256:${'a'.repeat(64)}`), 'a') }, 2)).toMatchObject([
    { problem: 'image-on-every-node' },
  ])
})
