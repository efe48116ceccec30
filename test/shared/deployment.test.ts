import { describe, expect, it } from 'vitest'
import { DeploymentSpec, emptySpec, fileLimit, problemsOf, type DeploymentImage } from '@shared/deployment'

const image: DeploymentImage = {
  ...{ reference: 'localhost:5000/app:1', digest: null, registryId: null },
  ...{ repository: 'app', tag: '1', delivery: 'pull' },
}
const empty = emptySpec(image, 'app')
const port = { container: 80, host: null, protocol: 'tcp', scope: 'all', access: 'http' } as const
const timing = { startSeconds: 0, intervalSeconds: 1, timeoutSeconds: 1, retries: 1 }
const file = { path: '/a', content: '', mode: '0644' }

const problems = (rest: object): string[] =>
  problemsOf({ ...empty, ...rest }).map(({ path, problem }) => `${path} ${problem}`)

it('an empty deployment is valid', () => {
  expect(problemsOf(empty)).toEqual([])
  expect(DeploymentSpec.parse(empty)).toEqual(empty)
})

describe('a draft', () => {
  it.each<[object, string[]]>([
    [{ name: '' }, ['name required', 'name name']],
    [{ name: 'Upper' }, ['name name']],
    [{ name: 'a-' }, ['name name']],
    [{ name: 'a'.repeat(51) }, ['name too-long']],
    [{ image: { ...image, reference: 'two words' } }, ['image.reference image']],
    [{ image: { ...image, digest: 'sha256:1' } }, ['image.digest image']],
    [{ platform: 'Linux' }, ['platform platform']],
    [{ instances: 1.5 }, ['instances whole-number']],
    [{ instances: -1 }, ['instances range']],
    [{ instances: Number.NaN }, ['instances number']],
    [{ instances: '2' }, ['instances number']],
    [{ instances: null }, ['instances number']],
    [{ ports: [{ ...port, container: 0 }] }, ['ports.0.container range']],
    [{ ports: [port, port] }, ['ports.1.container port-twice']],
    [{ ports: [port, { ...port, protocol: 'udp' }] }, []],
    [
      {
        ports: [
          { ...port, host: 1 },
          { ...port, container: 81, host: 1 },
        ],
      },
      ['ports.1.host host-port-twice'],
    ],
    [
      { ports: [{ ...port, host: 1 }], debugPort: { container: 9, host: 1 } },
      ['debugPort.host host-port-twice'],
    ],
    [{ ports: [{ ...port, host: 1, protocol: 'udp' }], debugPort: { container: 9, host: 1 } }, []],
    [{ cpu: { limit: 1, reservation: 2, weight: null } }, ['cpu.reservation reservation']],
    [{ cpu: { limit: 0, reservation: null, weight: 1 } }, ['cpu.limit range', 'cpu.weight range']],
    [{ memory: { limit: 1024, reservation: null } }, ['memory.limit range']],
    [{ memory: { limit: 2 ** 30, reservation: 2 ** 31 } }, ['memory.reservation reservation']],
    [{ environment: [{ name: 'A=B', value: '', secret: false }] }, ['environment.0.name environment-name']],
    [
      { environment: [{ name: 'A', value: 'x\0y', secret: false }] },
      ['environment.0.value control-character'],
    ],
    [
      {
        environment: [
          { name: 'A', value: '', secret: false },
          { name: 'A', value: '', secret: false },
        ],
      },
      ['environment.1.name environment-twice'],
    ],
    [{ environment: [{ name: 'A', value: 'x', secret: true }] }, ['environment.0.value secret-value']],
    [{ volumes: [{ kind: 'volume', name: '-x', path: '/a', readOnly: false }] }, ['volumes.0.name volume']],
    [
      { volumes: [{ kind: 'folder', source: 'a', path: 'b', readOnly: false }] },
      ['volumes.0.source path', 'volumes.0.path path'],
    ],
    [
      { volumes: [{ kind: 'volume', name: null, path: '/a/', readOnly: false }], files: [file] },
      ['files.0.path path-twice'],
    ],
    [{ files: [{ ...file, content: 'x'.repeat(fileLimit + 1) }] }, ['files.0.content file-size']],
    [{ files: [{ ...file, mode: '999' }] }, ['files.0.mode range']],
    [{ files: [{ ...file, path: '/etc/' }] }, ['files.0.path path']],
    [{ volumes: [{ kind: 'volume', name: null, path: '/', readOnly: false }] }, ['volumes.0.path path']],
    [{ labels: { '': 'x' } }, ['labels. required']],
    [{ labels: { ['x'.repeat(1001)]: '' } }, [`labels.${'x'.repeat(1001)} too-long`]],
    [{ labels: { 'io.slipway.x': '' } }, ['labels.io.slipway.x label-reserved']],
    [{ networks: ['container:x'] }, ['networks.0 network']],
    [{ user: 'a b' }, ['user user']],
    [{ workingFolder: 'a' }, ['workingFolder path']],
    [{ restart: { policy: 'always', retries: 3 } }, ['restart.retries retries']],
    [{ health: { kind: 'http', port: 80, path: 'x', ...timing } }, ['health.path path']],
    [{ health: { kind: 'command', command: '', ...timing } }, ['health.command required']],
    [{ stopSeconds: 0.5 }, ['stopSeconds whole-number']],
  ])('%j', (rest, expected) => {
    expect(problems(rest)).toEqual(expected)
  })

  it('is wrong as a whole where it is no deployment', () => {
    expect(problemsOf(null)).toEqual([{ path: '', problem: 'required' }])
    expect(problemsOf({}).map(({ path }) => path)).toContain('image')
  })

  it('shows what is wrong between fields beside what is wrong in one', () => {
    expect(problems({ user: 'a b', ports: [port, port] })).toEqual(
      expect.arrayContaining(['user user', 'ports.1.container port-twice']),
    )
  })
})
