/** A pool on an engine of the lab, and what is deployed to it. */
import { randomUUID } from 'node:crypto'
import { type DeploymentSpec, emptySpec } from '@shared/deployment'
import type { DeploymentActionRequest, Phase } from '@shared/job'
import type { DeployReason } from '@shared/running'
import type { Change, ChangeContext, PoolConnection } from '../../../../electron/deploy/driver'
import { EnginePoolDriver } from '../../../../electron/deploy/engine-pool/driver'
import { dial } from '../../../../electron/engine/dial'
import type { Target } from '../../../../electron/engine/target'
import { busyboxTar, importImage } from '../../../lab/machine-image'

/** As the engine itself writes them; `bad` falls, `deaf` runs and listens to nothing. */
export const images = {
  one: 'localhost/app:1',
  two: 'localhost/app:2',
  bad: 'localhost/app:bad',
  deaf: 'localhost/app:deaf',
}

const serve = (word: string): string =>
  `trap "exit 0" TERM; echo ${word} > /www/index.html; echo this is ${word}; httpd -f -p 8080 -h /www & wait`
const commands: Record<keyof typeof images, string> = {
  one: serve('one'),
  two: serve('two'),
  bad: 'echo going down; exit 3',
  deaf: 'trap "exit 0" TERM; echo deaf; sleep 1000 & wait',
}

export async function importImages(host: string): Promise<void> {
  for (const [key, command] of Object.entries(commands)) {
    const reference = images[key as keyof typeof images]
    const change = `CMD ${JSON.stringify(['/bin/sh', '-c', command])}`
    await importImage(host, reference, [change], busyboxTar([{ path: 'etc/image', data: Buffer.from(key) }]))
  }
}

export async function connectionTo(host: string, kind: 'docker' | 'podman'): Promise<PoolConnection> {
  const target: Target = {
    endpoint: { id: 'lab', label: 'lab', host, source: 'socket' },
    ...{ tls: null, explicit: true, present: true, problem: null },
  }
  return {
    ...{ poolId: 'lab', name: 'lab', kind, docker: await dial(target), target, version: '' },
    ...{ nodeId: null, addressHost: '127.0.0.1', local: true, peers: () => new Map() },
  }
}

export const driverOf = (connection: PoolConnection): EnginePoolDriver =>
  new EnginePoolDriver(connection, { reach: 5000, steady: 500, health: 3000, beforeStop: 5000 })

export function specOf(reference: string, name: string, rest: Partial<DeploymentSpec> = {}): DeploymentSpec {
  const image = { reference, digest: null, registryId: null, repository: null, tag: null }
  return {
    ...emptySpec({ ...image, delivery: 'present' }, name),
    ports: [{ container: 8080, host: null, protocol: 'tcp', scope: 'all', access: 'http' }],
    stopSeconds: 2,
    ...rest,
  }
}

/** A context that keeps what it was told. */
export function contextOf(rest: Partial<ChangeContext> = {}): ChangeContext & {
  phases: Phase[]
  lines: string[]
  cancel(): void
} {
  const controller = new AbortController()
  const phases: Phase[] = []
  const lines: string[] = []
  return {
    signal: controller.signal,
    report: ({ phase }) => {
      if (phases.at(-1) !== phase) phases.push(phase)
    },
    log: (line) => lines.push(line),
    ...{ auth: null, secrets: {}, send: () => Promise.resolve(null) },
    ...rest,
    ...{ phases, lines, cancel: () => controller.abort() },
  }
}

export const changeOf = (
  spec: DeploymentSpec,
  id: string = randomUUID(),
  baseVersion: number | null = null,
  reason: DeployReason = baseVersion === null ? 'new' : 'upgrade',
): Change => ({ id, spec, reason, baseVersion })

export const actionOf = (
  deploymentId: string,
  action: DeploymentActionRequest['action'],
  rest: Partial<DeploymentActionRequest> = {},
): DeploymentActionRequest => ({
  ...{ kind: 'deployment-action', poolId: 'lab', deploymentId, name: '', action },
  ...{ instanceId: null, volumes: false, ...rest },
})
