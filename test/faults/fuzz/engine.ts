// Long because what each call of an engine usually answers stands here in full.
/** What an engine answers: listings, inspections, measures, facts, labels; missing, of another type, or anything else. */
import { Readable } from 'node:stream'
import { deflateSync } from 'node:zlib'
import type Dockerode from 'dockerode'
import fc from 'fast-check'
import { z } from 'zod'
import { LocalImages } from '@shared/engine'
import { DeploymentSummary, DeploymentVersion, OtherWorkload } from '@shared/running'
import { DeploymentSpec, emptySpec } from '@shared/deployment'
import type { PoolConnection, PoolDriver } from '../../../electron/deploy/driver'
import { EnginePoolDriver } from '../../../electron/deploy/engine-pool/driver'
import { fromContainer } from '../../../electron/deploy/model/from-container'
import { imageOf } from '../../../electron/deploy/model/image'
import { decodeLabels, deploymentLabels, encodeLabels } from '../../../electron/deploy/model/labels'
import { readInfo, readNodes } from '../../../electron/deploy/pools/facts'
import { measureContainers, measureDisk } from '../../../electron/deploy/pools/usage'
import { SwarmPoolDriver } from '../../../electron/deploy/swarm-pool/driver'
import { ImageList } from '../../../electron/engine/image-list'
import { inspectImage } from '../../../electron/engine/images'
import { identify } from '../../../electron/engine/look'
import { anySpec } from '../../electron/deploy/model/some-spec'
import { later, leaked, lost, outcome, property, taken, type Surface } from './surface'
import { anyJson, anyText, bent } from './texts'

const id = 'd-1'
const spec = fc.sample(anySpec, { numRuns: 1, seed: 7 })[0] ?? emptySpec(imageOf('a'), 'a')
const labels = encodeLabels({
  id,
  versions: [{ version: 1, at: 1, reason: 'new', spec, digest: null }],
  instance: 1,
})
const cpu = { cpu_usage: { total_usage: 5e9 } }

/** What a real engine says, by the call; the bent ones begin there. */
const usual: Record<string, unknown> = {
  listContainers: [
    {
      Id: 'c1',
      Names: [`/${spec.name}-1`],
      Image: 'a',
      ImageID: 'b',
      Created: 1,
      State: 'running',
      Status: 'Up 5 seconds',
      Labels: labels,
      Ports: [{ IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }],
      NetworkSettings: { Networks: { bridge: {} } },
    },
    {
      Id: 'c2',
      Names: ['/other'],
      Image: 'a',
      ImageID: 'b',
      Created: 1,
      State: 'exited',
      Status: '',
      Labels: { ...labels, [deploymentLabels.model]: 'broken' },
    },
  ],
  inspect: {
    Id: 'c1',
    ID: 's1',
    Name: 'x',
    Image: 'b',
    RestartCount: 0,
    Version: { Index: 1 },
    State: {
      Status: 'running',
      ExitCode: 0,
      OOMKilled: false,
      Error: '',
      StartedAt: '2024-05-01T12:00:00Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      Health: { Status: 'healthy', Log: [] },
    },
    Config: { Tty: false, Env: ['A=1'], Cmd: ['x'], Labels: {}, ExposedPorts: { '80/tcp': {} } },
    HostConfig: {
      RestartPolicy: { Name: 'always' },
      PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '80' }] },
    },
    NetworkSettings: { Ports: { '80/tcp': [{ HostIp: '', HostPort: '80' }] }, Networks: {} },
    Mounts: [],
    RepoTags: ['a:b'],
    RepoDigests: [],
    Os: 'linux',
    Architecture: 'amd64',
    Size: 1,
    Created: '2024-05-01T12:00:00Z',
    RootFS: { Layers: ['sha256:x'] },
    Spec: { Name: 'x', Labels: labels, TaskTemplate: { ContainerSpec: { Image: 'a' } } },
  },
  stats: {
    read: '2024-05-01T12:00:01.5Z',
    preread: '2024-05-01T12:00:00.5Z',
    cpu_stats: cpu,
    precpu_stats: cpu,
    memory_stats: { usage: 10, limit: 20, stats: { inactive_file: 1 } },
    networks: { eth0: { rx_bytes: 1, tx_bytes: 2 } },
  },
  info: {
    NCPU: 4,
    MemTotal: 1e9,
    Name: 'x',
    ID: 'y',
    Swarm: { NodeID: 'n', LocalNodeState: 'active', ControlAvailable: true },
  },
  version: { Version: '24', Os: 'linux', Arch: 'amd64', Components: [{ Name: 'Engine' }] },
  listNetworks: [{ Id: 'n', Name: 'bridge', Labels: {}, Scope: 'swarm' }],
  listImages: [
    {
      Id: 'sha256:x',
      RepoTags: ['a:b'],
      RepoDigests: [`a@sha256:${'0'.repeat(64)}`],
      Size: 1,
      Created: 1,
      Containers: 1,
    },
  ],
  history: [{ Size: 1, CreatedBy: 'RUN x' }],
  listServices: [
    {
      ID: 's1',
      Version: { Index: 1 },
      CreatedAt: '2024-05-01T12:00:00Z',
      UpdatedAt: '',
      Spec: {
        Name: spec.name,
        Labels: labels,
        Mode: { Replicated: { Replicas: 1 } },
        TaskTemplate: { ContainerSpec: { Image: 'a' } },
      },
      Endpoint: { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080 }] },
    },
  ],
  listTasks: [
    {
      ID: 't1',
      CreatedAt: '2024-05-01T12:00:00Z',
      ServiceID: 's1',
      Slot: 1,
      NodeID: 'n',
      DesiredState: 'running',
      Spec: {},
      Status: { State: 'running', Timestamp: '', ContainerStatus: { ContainerID: 'c1', ExitCode: 0 } },
    },
  ],
  listNodes: [
    {
      ID: 'n',
      Spec: { Role: 'manager', Availability: 'active' },
      Description: {
        Hostname: 'h',
        Platform: { Architecture: 'x86_64', OS: 'linux' },
        Resources: { NanoCPUs: 1e9, MemoryBytes: 1e9 },
      },
      Status: { State: 'ready', Addr: '10.0.0.1' },
    },
  ],
  listConfigs: [{ ID: 'x', Spec: { Name: 'x', Labels: {} } }],
  df: { LayersSize: 1, Images: [], Volumes: [{ UsageData: { Size: 1 } }], Containers: [] },
  events: {
    Type: 'container',
    Action: 'die',
    Actor: { ID: 'c1', Attributes: { name: 'x', [deploymentLabels.id]: id } },
    time: 1,
  },
  ping: 'OK',
}

/** One or two calls of an engine that answer what no engine does; the others as usual. */
const answers: fc.Arbitrary<Record<string, unknown>> = fc
  .uniqueArray(fc.constantFrom(...Object.keys(usual)), { minLength: 1, maxLength: 2 })
  .chain((names) =>
    fc.record(
      Object.fromEntries(
        names.map((name) => [
          name,
          fc.oneof(
            { weight: 4, arbitrary: bent(fc.constant(usual[name])) },
            { weight: 1, arbitrary: anyJson },
          ),
        ]),
      ),
    ),
  )

/** A client of such an engine. */
function engineOf(strange: Record<string, unknown>): Dockerode {
  const told = JSON.parse(JSON.stringify({ ...usual, ...strange })) as Record<string, unknown>
  const say = (name: string): Promise<unknown> => Promise.resolve(told[name])
  const stream = (): Readable =>
    Readable.from([Buffer.from(JSON.stringify(told.events ?? null))], { objectMode: false })
  const part = { inspect: () => say('inspect'), stats: () => say('stats'), history: () => say('history') }
  const modem = {
    dial: (_options: object, done: (error: null, answer: Readable) => void) => done(null, stream()),
  }
  const calls = Object.fromEntries(Object.keys(usual).map((name) => [name, () => say(name)]))
  const parts = Object.fromEntries(
    ['Container', 'Image', 'Service', 'Network', 'Node', 'Task', 'Volume', 'Config'].map((name) => [
      `get${name}`,
      () => part,
    ]),
  )
  return { ...calls, ...parts, modem } as unknown as Dockerode
}

function connectionTo(docker: Dockerode, kind: PoolConnection['kind']): PoolConnection {
  const endpoint = { id: 'e', source: 'socket', label: 'x', host: 'unix:///x' } as never
  return {
    ...{
      poolId: 'p',
      name: 'pool',
      kind,
      docker,
      version: '24',
      nodeId: 'n',
      addressHost: '127.0.0.1',
      local: false,
    },
    target: { endpoint, tls: null, explicit: false, present: true, problem: null },
    peers: () => new Map([['n', docker]]),
  }
}

const Listed = z.object({ deployments: z.array(DeploymentSummary), others: z.array(OtherWorkload) })
const fits = (schema: z.ZodType, value: unknown): void => {
  const parsed = schema.safeParse(value)
  if (!parsed.success) lost(`not of the contract's form: ${parsed.error.message}`)
}

/** Everything that a driver asks an engine for, each answered or refused in its own words. */
async function askAll(driver: PoolDriver): Promise<void> {
  const { signal } = new AbortController()
  const list = await later(() => driver.list(signal))
  if ('value' in list) fits(Listed, list.value)
  const detail = await later(() => driver.read(id, signal))
  if ('value' in detail) {
    fits(DeploymentSummary, detail.value.summary)
    fits(z.array(DeploymentVersion), detail.value.versions)
  }
  const facts = await later(() => driver.facts(spec, null, signal))
  if ('value' in facts) fits(z.string(), facts.value.platform)
  const measures = await later(() => driver.measure(id, signal))
  if ('value' in measures)
    for (const { cpu: cores, memory, received, sent } of measures.value)
      for (const number of [cores, memory, received, sent])
        if (!(number >= 0 && Number.isFinite(number))) taken(`${number}`)
}

export const engine = (): Surface => ({
  name: 'engine',
  properties: [
    property(
      'an engine’s answers about deployments',
      fc.tuple(answers, fc.constantFrom('docker' as const, 'podman' as const)),
      ([told, kind]) => askAll(new EnginePoolDriver(connectionTo(engineOf(told), kind))),
    ),
    property('a swarm’s answers', answers, (told) =>
      askAll(new SwarmPoolDriver(connectionTo(engineOf(told), 'swarm'))),
    ),
    property('an engine’s answers about images and itself', answers, async (told) => {
      const docker = engineOf(told)
      await later(() => inspectImage(docker, 'a:b'))
      const { signal } = new AbortController()
      const target = connectionTo(docker, 'docker').target
      const found = await later(() => identify(docker, target, signal))
      if ('value' in found && typeof found.value.platform !== 'string') taken('no platform')
      const images = new ImageList(() => {})
      images.connect(docker, 'e')
      fits(LocalImages, await images.refresh())
      if (images.current.error?.code === 'INTERNAL') lost(JSON.stringify(images.current.error))
      images.stop()
      const info = outcome(() => readInfo({ ...usual, ...told }.info))
      outcome(() => readNodes({ ...usual, ...told }.listNodes))
      await later(() => measureContainers(docker, null, signal))
      if ('value' in info) await later(() => measureDisk(docker, info.value, false, signal))
    }),
    property(
      'a container as a deployment',
      fc.oneof(bent(fc.constant(usual.inspect)), anyJson),
      (inspected) => {
        const made = fromContainer(JSON.parse(JSON.stringify(inspected ?? null)) as never, {
          image: null,
          instances: 1,
        })
        fits(DeploymentSpec, made)
      },
    ),
    property(
      'labels that anyone may write',
      fc.tuple(
        bent(fc.constant(labels), anyText),
        fc.oneof(
          anyJson,
          bent(
            fc.constant({
              format: 1,
              texts: ['a'],
              versions: [{ version: 1, at: 1, reason: 'new', digest: null, spec: { ...spec, files: [] } }],
            }),
          ),
        ),
        fc.boolean(),
        fc.nat(9),
      ),
      ([bentLabels, model, packed, size]) => {
        if (typeof bentLabels !== 'object' || bentLabels === null) return
        const texts = Object.entries(bentLabels).filter(
          (entry): entry is [string, string] => typeof entry[1] === 'string',
        )
        const inner = Buffer.from(size === 0 ? 'x'.repeat(1_000_000) : (JSON.stringify(model) ?? ''))
        const given = Object.fromEntries(texts)
        if (packed) given[deploymentLabels.model] = deflateSync(inner).toString('base64')
        const found = decodeLabels(given)
        if (!found) return
        if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(found.id) || found.versions.length > 20) leaked(found.id)
        fits(z.array(DeploymentVersion), found.versions)
        if (
          found.versions.some((version) =>
            version.spec.environment.some(({ secret, value }) => secret && value !== ''),
          )
        )
          leaked('a secret')
      },
    ),
  ],
})
