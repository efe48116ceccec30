/** An engine whose every word is hostile: it answers Docker's API as far as the window asks, and refuses all else rudely. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { emptySpec, type DeploymentImage, type DeploymentSpec } from '@shared/deployment'
import type { DeploymentVersion } from '@shared/running'
import { encodeLabels } from '../../../electron/deploy/model/labels'
import { temporaryFolder } from '../../lab/temporary'
import { corpus, million, mixture } from './corpus'
import { hostileConfig } from './images'

export interface HostileEngine {
  /** unix:// and the socket's path. */
  host: string
  stop(): Promise<void>
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void

const json =
  (value: unknown, status = 200): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))

/** Messages of a stream, one line each. */
const stream =
  (...messages: object[]): Answer =>
  (response) =>
    void response.writeHead(200).end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))

/** One frame of a container's output (API, "Stream format"), with the time stamp that was asked for. */
function frame(text: string): Buffer {
  const data = Buffer.from(`${new Date().toISOString().replace('Z', '000000Z')} ${text}\n`)
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
  head.writeUInt32BE(data.length, 4)
  return Buffer.concat([head, data])
}

const hex = (number: number): string => number.toString(16).padStart(64, 'e')
/** The first is known by plain labels alone, the second by the whole model that Slipway keeps in them. */
export const deploymentIds = ['plain', 'whole'] as const

/** Labels of a deployment whose settings are hostile as far as their grammar lets them be. */
function labelsOf(host: string, id: (typeof deploymentIds)[number]): Record<string, string> {
  if (id === 'plain')
    return {
      'io.slipway.deployment': id,
      'io.slipway.name': 'hostile',
      'io.slipway.version': '1',
      'io.slipway.instance': '1',
    }
  const texts = corpus(host).map(({ text }) => text.replaceAll('\0', ''))
  const image: DeploymentImage = {
    ...{ reference: 'host.example/app:1.0', digest: null, registryId: null },
    ...{ repository: 'app', tag: '1.0', delivery: 'pull' },
  }
  const spec = (changes: Partial<DeploymentSpec>): DeploymentSpec => ({
    ...emptySpec(image, 'hostile-2'),
    ...changes,
  })
  const newest = spec({
    environment: texts.map((value, index) => ({ name: `VARIABLE_${index}`, value, secret: false })),
    labels: Object.fromEntries(texts.map((text, index) => [`label-${index}`, text])),
    command: texts,
    entrypoint: texts,
    files: [{ path: '/etc/hostile', content: texts.join('\n'), mode: '644' }],
  })
  const version = (number: number, it: DeploymentSpec): DeploymentVersion => ({
    ...{ version: number, at: 1000 * number, reason: 'change', spec: it, digest: null },
  })
  return encodeLabels({ id, versions: [version(2, newest), version(1, spec({}))], instance: 1 })
}

/** `host` listens, and is named by the texts; `swarm`: a manager whose nodes have hostile names. */
export async function startHostileEngine(host: string, { swarm = false } = {}): Promise<HostileEngine> {
  const texts = corpus(host).map(({ text }) => text)
  const all = mixture(host, 20_000)
  const long = `${all} ${million.text}`
  const at = (index: number): string => texts[index % texts.length] ?? ''
  const now = Math.floor(Date.now() / 1000)

  const nodes = texts.map((text, index) => ({
    ID: `node${index}`,
    Spec: { Role: index < 3 ? 'manager' : 'worker', Availability: 'active' },
    Description: {
      Hostname: text,
      Resources: { NanoCPUs: 1e9, MemoryBytes: 1e9 },
      Engine: { EngineVersion: text },
    },
    Status: { State: 'ready', Addr: text },
  }))
  const images = texts.map((text, index) => ({
    Id: `sha256:${hex(index)}`,
    RepoTags: [index % 3 === 2 ? `app-${index}:1.0` : text, text],
    RepoDigests: [`${text}@sha256:${hex(index)}`],
    ...{ Size: 1e6, Created: now - index, Containers: 1 },
  }))
  const own = deploymentIds.map((id, index) => ({
    Id: hex(1000 + index),
    Names: [`/${at(index + 1)}`],
    ...{ Image: `app-2:1.0`, ImageID: `sha256:${hex(2)}`, Created: now - 60 },
    ...{
      State: 'running',
      Status: `Up 1 minute (unhealthy) ${all}`,
      Labels: { ...labelsOf(host, id), [all]: all },
    },
    Ports: [{ IP: at(index + 1), PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }],
  }))
  const others = texts.map((text, index) => ({
    Id: hex(2000 + index),
    Names: [`/${text}`],
    ...{
      Image: text,
      ImageID: text,
      Created: now - index,
      State: text,
      Status: text,
      Labels: { [text]: text },
    },
    Ports: [{ IP: text, PrivatePort: 80, PublicPort: 80, Type: text }],
  }))
  const container = (id: string): object => ({
    ...{ Id: id, Name: `/${all}`, Image: `sha256:${hex(2)}`, RestartCount: 3 },
    Config: {
      ...hostileConfig(host),
      Image: all,
      Tty: false,
      Labels: own.find(({ Id }) => Id === id)?.Labels ?? {},
    },
    HostConfig: {
      ...{ RestartPolicy: { Name: all }, NetworkMode: all, Binds: texts.map((text) => `${text}:/m/${text}`) },
      PortBindings: { '80/tcp': [{ HostIp: all, HostPort: all }] },
    },
    Mounts: texts.map((text) => ({
      Type: 'volume',
      Name: text,
      Source: text,
      Destination: `/m/${text}`,
      RW: true,
    })),
    NetworkSettings: { Networks: Object.fromEntries(texts.map((text) => [text, {}])), Ports: {} },
    State: {
      ...{ Status: 'running', ExitCode: 0, OOMKilled: false, Error: long, StartedAt: '2026-01-01T00:00:00Z' },
      Health: { Status: 'unhealthy', Log: [{ Start: all, End: all, ExitCode: 1, Output: long }] },
    },
  })
  const image = {
    ...{
      Id: `sha256:${hex(2)}`,
      RepoTags: texts,
      RepoDigests: [],
      Architecture: all,
      Os: 'linux',
      Size: 1e6,
    },
    ...{ Config: hostileConfig(host), RootFS: { Type: 'layers', Layers: [`sha256:${hex(9)}`] }, Author: all },
  }
  const events = texts.map((text, index) => ({
    ...{ Type: 'container', Action: `health_status: ${text}`, time: now, timeNano: now * 1e9 + index },
    Actor: {
      ID: hex(1000),
      Attributes: {
        'io.slipway.deployment': deploymentIds[index % 2],
        name: text,
        exitCode: text,
        signal: text,
      },
    },
  }))
  const info = {
    ...{ ID: `engine-${swarm}`, Name: all, NCPU: 4, MemTotal: 8e9, Containers: 3, ContainersRunning: 2 },
    ...{ DockerRootDir: `/${all}`, Warnings: texts, Labels: texts, OperatingSystem: all, ServerVersion: all },
    Swarm: swarm
      ? {
          NodeID: 'node0',
          LocalNodeState: 'active',
          ControlAvailable: true,
          Cluster: { ID: 'c' },
          RemoteManagers: [{ NodeID: 'node0', Addr: all }],
        }
      : { LocalNodeState: 'inactive' },
  }

  const routes: [RegExp, Answer][] = [
    [/^(GET|HEAD) \/_ping/, (response) => void response.end('OK')],
    [/^GET \/version/, json({ Version: all, Os: 'linux', Arch: all, Components: [{ Name: all }] })],
    [/^GET \/info/, json(info)],
    [/^GET \/nodes/, json(nodes)],
    [/^GET \/(services|tasks|networks|secrets|configs)/, json([])],
    [/^GET \/volumes/, json({ Volumes: [], Warnings: texts })],
    [/^GET \/system\/df/, json({ LayersSize: 1e9, Containers: [], Volumes: [], BuildCache: [] })],
    [/^GET \/images\/json/, json(images)],
    [/^GET \/images\/.*\/json/, json(image)],
    [/^GET \/containers\/json/, json([...own, ...others])],
    [
      /^GET \/containers\/[^/]*\/json/,
      (response, request) => json(container(request.url?.split('/').at(-2) ?? ''))(response, request),
    ],
    [
      /^GET \/containers\/[^/]*\/logs/,
      (response, { url = '' }) => {
        response.writeHead(200)
        for (const text of [...texts, million.text]) response.write(frame(text))
        if (!url.includes('follow=1') && !url.includes('follow=true')) response.end()
      },
    ],
    [/^GET \/events.*until/, stream(...events)],
    [/^GET \/events/, (response) => response.writeHead(200).flushHeaders()],
    [
      /^POST \/images\/(create|.*push)/,
      stream(
        ...texts.map((text) => ({
          status: text,
          id: text.slice(0, 20),
          progressDetail: { current: 1, total: 2 },
          progress: text,
        })),
        { errorDetail: { message: all }, error: all },
      ),
    ],
    [/^POST \/images\/.*\/tag/, json({}, 201)],
  ]

  const folder = temporaryFolder('hostile-engine')
  const path = folder.join('engine.sock')
  const server = createServer((request, response) => {
    const line = `${request.method} ${(request.url ?? '').replace(/^\/v1\.\d+/, '')}`
    const route = routes.find(([pattern]) => pattern.test(line))
    if (route) route[1](response, request)
    else json({ message: long }, 500)(response, request)
  })
  await new Promise<void>((done) => server.listen(path, done))
  return {
    host: `unix://${path}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      folder.remove()
    },
  }
}
