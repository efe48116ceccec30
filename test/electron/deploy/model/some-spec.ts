/** Deployments of every kind for property tests, all of them valid, and one that uses every field. */
import fc from 'fast-check'
import { emptySpec, type DeploymentSpec, type HealthSpec, type VolumeSpec } from '@shared/deployment'
import { imageOf } from '../../../../electron/deploy/model/image'
import { accessOf } from '../../../../electron/deploy/model/ports'

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/)
const path = fc
  .stringMatching(/^(\/[A-Za-z0-9 ._-]{1,12}){1,4}$/)
  .filter((text) => !/\/\.{1,2}(\/|$)/.test(text))
const anyText = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !text.includes('\0'))
const tenths = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: least * 10, max: most * 10 }).map((tenth) => tenth / 10)
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null })
const number = fc.integer({ min: 1, max: 65_535 })

const timing = {
  startSeconds: tenths(0, 100),
  intervalSeconds: tenths(1, 100),
  timeoutSeconds: tenths(1, 60),
  retries: fc.integer({ min: 1, max: 20 }),
}
const some = <T extends string>(value: T): fc.Arbitrary<T> => fc.constant(value)
const health: fc.Arbitrary<HealthSpec> = fc.oneof(
  fc.record({ kind: some('image') }),
  fc.record({ kind: some('none') }),
  fc.record({ kind: some('command'), command: anyText.filter((text) => text !== ''), ...timing }),
  fc.record({
    kind: some('http'),
    port: number,
    path: fc.webPath().map((text) => `/${text.replace(/^\//, '')}`),
    ...timing,
  }),
  fc.record({ kind: some('tcp'), port: number, ...timing }),
)

const volume: fc.Arbitrary<VolumeSpec> = fc.oneof(
  fc.record({ kind: some('volume'), name: orNull(word), path, readOnly: fc.boolean() }),
  fc.record({ kind: some('folder'), source: path, path, readOnly: fc.boolean() }),
)

const mib = 2 ** 20
const memory = fc
  .tuple(orNull(fc.integer({ min: 512, max: 4096 })), orNull(fc.integer({ min: 1, max: 512 })))
  .map(([limit, reservation]) => ({
    limit: limit && limit * mib,
    reservation: reservation && reservation * mib,
  }))

const wordList = orNull(fc.array(anyText, { minLength: 1, maxLength: 4 }))

/** Any deployment that an engine keeps whole: what it does not keep is as it comes back from there. */
export const anySpec: fc.Arbitrary<DeploymentSpec> = fc
  .record({
    name,
    tag: word,
    digest: orNull(fc.constant(`sha256:${'a'.repeat(64)}`)),
    instances: fc.integer({ min: 0, max: 9 }),
    ports: fc.uniqueArray(
      fc.record({
        container: number,
        host: orNull(number),
        scope: fc.constantFrom('all' as const, 'local' as const),
      }),
      { maxLength: 5, selector: ({ container }) => container },
    ),
    udp: fc.boolean(),
    cpuLimit: orNull(tenths(1, 64)),
    weight: orNull(fc.integer({ min: 2, max: 262_144 })),
    memory,
    diskBytes: orNull(fc.integer({ min: 1, max: 2 ** 40 })),
    environment: fc.uniqueArray(
      fc.record({ name: fc.stringMatching(/^[A-Z][A-Z0-9_]{0,12}$/), value: anyText, secret: fc.boolean() }),
      { maxLength: 6, selector: (entry) => entry.name },
    ),
    volumes: fc.uniqueArray(volume, { maxLength: 4, selector: (entry) => entry.path }),
    command: wordList,
    entrypoint: wordList,
    beforeStart: orNull(anyText.filter((text) => text !== '')),
    user: orNull(fc.stringMatching(/^[a-z0-9]{1,8}(:[a-z0-9]{1,8})?$/)),
    workingFolder: orNull(path),
    policy: fc.constantFrom(
      'no' as const,
      'on-failure' as const,
      'always' as const,
      'unless-stopped' as const,
    ),
    retries: fc.integer({ min: 1, max: 9 }),
    health,
    stopSeconds: orNull(fc.integer({ min: 1, max: 600 })),
    labels: fc.dictionary(fc.stringMatching(/^[a-z][a-z.-]{0,10}$/), anyText, {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    networks: fc.uniqueArray(
      word.filter((text) => !['bridge', 'default', 'podman', 'host', 'none'].includes(text)),
      { maxLength: 3 },
    ),
  })
  .map(({ tag, digest, udp, cpuLimit, weight, policy, retries, ports, environment, ...rest }) => {
    const hosts = new Set<number>()
    const protocol = udp ? 'udp' : 'tcp'
    return {
      ...emptySpec(imageOf(`localhost:5000/team/app:${tag}`), rest.name),
      ...rest,
      image: { ...imageOf(`localhost:5000/team/app:${tag}`), digest },
      ports: ports.map((port) => {
        const host = port.host !== null && hosts.has(port.host) ? null : port.host
        if (host !== null) hosts.add(host)
        return { ...port, host, protocol, access: accessOf(port.container, protocol) } as const
      }),
      cpu: { limit: cpuLimit, reservation: null, weight },
      environment: environment.map((entry) => (entry.secret ? { ...entry, value: '' } : entry)),
      restart: { policy, retries: policy === 'on-failure' ? retries : null },
    }
  })

/** A deployment that uses every field there is. */
export function fullSpec(): DeploymentSpec {
  return {
    name: 'shop',
    image: {
      reference: 'registry.example:5000/team/shop:1.2',
      digest: null,
      registryId: 'r1',
      repository: 'team/shop',
      tag: '1.2',
      delivery: 'pull',
    },
    platform: 'linux/amd64',
    instances: 2,
    ports: [
      { container: 80, host: null, protocol: 'tcp', scope: 'all', access: 'http' },
      { container: 9000, host: 19_000, protocol: 'udp', scope: 'local', access: 'tcp' },
    ],
    cpu: { limit: 0.5, reservation: 0.25, weight: 512 },
    memory: { limit: 64 * mib, reservation: 32 * mib },
    diskBytes: 2 ** 30,
    environment: [
      { name: 'GREETING', value: 'it’s "$HOME"', secret: false },
      { name: 'TOKEN', value: '', secret: true },
    ],
    volumes: [
      { kind: 'volume', name: 'shop-data', path: '/data', readOnly: false },
      { kind: 'volume', name: null, path: '/scratch', readOnly: false },
      { kind: 'folder', source: '/srv/www', path: '/www', readOnly: true },
    ],
    command: ['serve', '--name', 'a b'],
    entrypoint: ['/bin/shop'],
    beforeStart: 'export READY=1 # really',
    beforeStop: 'echo bye',
    user: '1000:1000',
    workingFolder: '/data',
    restart: { policy: 'on-failure', retries: 3 },
    health: {
      ...{ kind: 'http', port: 80, path: '/health?a=1&b' },
      ...{ startSeconds: 0, intervalSeconds: 0.5, timeoutSeconds: 2, retries: 4 },
    },
    stopSeconds: 5,
    labels: { 'com.example.team': 'shop' },
    networks: ['front', 'back'],
    files: [{ path: '/etc/shop/shop.conf', content: 'price=$5\n', mode: '0640' }],
    debugPort: { container: 9229, host: 19_229 },
  }
}
