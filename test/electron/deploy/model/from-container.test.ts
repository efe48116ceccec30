import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptySpec, problemsOf, type DeploymentSpec } from '@shared/deployment'
import { toContainerBody } from '../../../../electron/deploy/model/container-body'
import { fromContainer } from '../../../../electron/deploy/model/from-container'
import {
  imageOf,
  noImageFacts,
  pinnedReference,
  type ImageFacts,
} from '../../../../electron/deploy/model/image'
import { encodeLabels } from '../../../../electron/deploy/model/labels'
import { anySpec } from './some-spec'

const image: ImageFacts = {
  entrypoint: ['/own'],
  command: ['run'],
  environment: ['PATH=/bin', 'OWN=1'],
  user: 'web',
  workingFolder: '/srv',
  labels: { 'org.example': 'own' },
  volumes: ['/own-volume'],
  health: { Test: ['CMD', 'own'], Interval: 1_000_000_000 },
}

/** A container's inspect as engines make it of a creation's body (the integration test holds this to a real one). */
function inspectedOf(spec: DeploymentSpec): unknown {
  const secrets = Object.fromEntries(
    spec.environment.filter(({ secret }) => secret).map(({ name }) => [name, randomBytes(8).toString('hex')]),
  )
  const version = { version: 1, at: 1, reason: 'new', spec, digest: null } as const
  const labels = encodeLabels({ id: 'd', versions: [version], instance: 1 })
  const { _body: body } = toContainerBody({
    ...{ spec, imageConfig: image, labels, secrets },
    ...{ image: pinnedReference(spec.image), name: `${spec.name}-1` },
  })
  const networks = [...spec.networks, ...(spec.networks.length > 0 ? [] : ['bridge'])]
  return JSON.parse(
    JSON.stringify({
      Name: `/${spec.name}-1`,
      Config: {
        ...body,
        Env: [...image.environment, ...(body.Env ?? [])],
        Entrypoint: body.Entrypoint ?? image.entrypoint,
        Cmd: body.Cmd ?? (body.Entrypoint ? null : image.command),
        User: body.User ?? image.user,
        WorkingDir: body.WorkingDir ?? image.workingFolder,
        Labels: { ...image.labels, ...body.Labels },
        Healthcheck: body.Healthcheck ?? image.health,
      },
      HostConfig: { NetworkMode: 'default', ...body.HostConfig },
      Mounts: [{ Type: 'volume', Name: 'a'.repeat(64), Source: '/x', Destination: '/own-volume', RW: true }],
      NetworkSettings: { Networks: Object.fromEntries(networks.map((name) => [name, {}])) },
    }),
  )
}

const sorted = (spec: DeploymentSpec): DeploymentSpec => ({
  ...spec,
  networks: [...spec.networks.slice(0, 1), ...spec.networks.slice(1).sort()],
})

/** An entry point or command that is the image's own counts as none. */
const comparable = (spec: DeploymentSpec): DeploymentSpec => ({
  ...sorted(spec),
  image: imageOf(pinnedReference(spec.image)),
  instances: 1,
})

describe('a deployment, from form to engine and back', () => {
  it('is the same', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        expect(fromContainer(inspectedOf(spec), { image })).toEqual(comparable(spec))
      }),
      { numRuns: 100 },
    )
  }, 30_000)

  it('is the same where everything is the image’s', () => {
    const spec = emptySpec(imageOf('localhost/a:1'), 'a')
    expect(fromContainer(inspectedOf(spec), { image })).toEqual(spec)
  })

  it('keeps an entry point that is the image’s own said again, which takes its command away', () => {
    const spec = { ...emptySpec(imageOf('localhost/a:1'), 'a'), entrypoint: ['/own'] }
    expect(fromContainer(inspectedOf(spec), { image })).toEqual(spec)
    const before = { ...spec, beforeStart: 'true' }
    expect(fromContainer(inspectedOf(before), { image })).toEqual(before)
  })
})

describe('a container of someone else', () => {
  const container = (config: object, host: object = {}, rest: object = {}): unknown => ({
    ...{ Name: '/Some_Thing', Config: { Image: 'nginx', ...config }, HostConfig: host, ...rest },
  })

  it('is read as far as Slipway knows its words', () => {
    const spec = fromContainer(
      container(
        { Env: ['A=1', 'DB_PASSWORD=hunter', 'EMPTY'], Healthcheck: { Test: ['CMD', 'a b', 'c'] } },
        {
          PortBindings: {
            '80/tcp': [{ HostIp: '', HostPort: '' }],
            '53/udp': [{ HostIp: '127.0.0.1', HostPort: '5353' }],
            '7/sctp': [{ HostIp: '', HostPort: '7' }],
          },
          Binds: ['/srv/a:/a:ro,z', 'data:/data'],
          CpuQuota: 150_000,
          CpuPeriod: 100_000,
          RestartPolicy: { Name: '', MaximumRetryCount: 0 },
        },
      ),
    )
    expect(spec.name).toBe('some-thing')
    expect(spec.image).toMatchObject({ repository: 'library/nginx', delivery: 'pull' })
    expect(spec.ports).toEqual([
      { container: 80, host: null, protocol: 'tcp', scope: 'all', access: 'http' },
      { container: 53, host: 5353, protocol: 'udp', scope: 'local', access: 'tcp' },
    ])
    expect(spec.volumes).toEqual([
      { kind: 'folder', source: '/srv/a', path: '/a', readOnly: true },
      { kind: 'volume', name: 'data', path: '/data', readOnly: false },
    ])
    expect(spec.cpu.limit).toBe(1.5)
    expect(spec.restart.policy).toBe('no')
    expect(spec.health).toMatchObject({
      kind: 'command',
      command: "'a b' c",
      intervalSeconds: 30,
      retries: 3,
    })
  })

  it('never shows a value whose name says that it is secret', () => {
    const spec = fromContainer(container({ Env: ['DB_PASSWORD=hunter', 'API_KEY=x', 'NAME=web'] }))
    expect(spec.environment).toEqual([
      { name: 'DB_PASSWORD', value: '', secret: true },
      { name: 'API_KEY', value: '', secret: true },
      { name: 'NAME', value: 'web', secret: false },
    ])
  })

  it('gives its volumes where only the list of mounts has them', () => {
    const spec = fromContainer(
      container(
        {},
        {},
        {
          Mounts: [
            { Type: 'bind', Source: '/srv', Destination: '/srv', RW: false },
            { Type: 'volume', Name: 'data', Source: '/x', Destination: '/data', RW: true },
            { Type: 'tmpfs', Source: '', Destination: '/tmp', RW: true },
          ],
        },
      ),
      { image: noImageFacts },
    )
    expect(spec.volumes).toEqual([
      { kind: 'folder', source: '/srv', path: '/srv', readOnly: true },
      { kind: 'volume', name: 'data', path: '/data', readOnly: false },
    ])
  })

  it.each([
    [null],
    ['text'],
    [{ Config: {}, HostConfig: {} }],
    [{ Name: 5, Config: { Image: '-', Env: [5], Labels: 'x' }, HostConfig: { Mounts: {}, Memory: 'x' } }],
    [
      container(
        { Labels: { 'io.slipway.x': 'y', a: '\0' }, WorkingDir: 'relative', User: 'a b' },
        { Memory: 5 },
      ),
    ],
    [container({ Env: ['=C:=x', 'A=1', 'A=2'] }, { NetworkMode: 'container:abc', NanoCpus: -1 })],
  ])('is a valid deployment whatever it says: %j', (inspected) => {
    expect(problemsOf(fromContainer(inspected))).toEqual([])
  })

  it('is a valid deployment whatever it says', () => {
    fc.assert(
      fc.property(fc.object(), fc.object(), (config, host) => {
        expect(problemsOf(fromContainer(container(config, host)))).toEqual([])
      }),
    )
  })
})
