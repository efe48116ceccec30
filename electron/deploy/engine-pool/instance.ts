import type Dockerode from 'dockerode'
import type { DeploymentSpec } from '@shared/deployment'
import { toAppError } from '@shared/error'
import type { DeploymentVersion } from '@shared/running'
import { inParallel } from '../in-parallel'
import { endpointOf, furtherNetworks, toContainerBody } from '../model/container-body'
import { encodeLabels } from '../model/labels'
import { tarOf } from '../model/tar-files'
import { asking, statusOf } from './error'
import type { ReadyImage } from './image'
import type { Job } from './job'
import { run } from './run-inside'

/** What every instance of one version is made of. */
export interface Mold {
  id: string
  spec: DeploymentSpec
  /** Newest first; the first is that of `spec`. */
  versions: readonly [DeploymentVersion, ...DeploymentVersion[]]
  image: ReadyImage
  secrets: Readonly<Record<string, string>>
}

/** A container of ours by its ID, with its number and its name. */
export interface Made {
  id: string
  instance: number
  name: string
}

/**
 * Creates a container, with its files and networks, that is not started yet; what fails half way is removed. `hostPorts`: host
 * ports instead of the spec's. PORT_IN_USE, NAME_TAKEN, DEPLOYMENT_INVALID, RESOURCES_MISSING, IMAGE_NOT_FOUND.
 */
export async function createInstance(
  job: Job,
  mold: Mold,
  instance: number,
  name: string,
  hostPorts?: ReadonlyMap<string, number | null>,
): Promise<Made> {
  const { id, spec, versions, image, secrets } = mold
  const body = toContainerBody({
    ...{ spec, secrets, name },
    image: image.name,
    imageConfig: image.facts,
    labels: encodeLabels({ id, versions, instance }),
    ...(hostPorts && { hostPorts }),
  })
  if (job.connection.kind === 'podman') openToAll(body._body)
  const container = await asking({ side: 'engine', deployment: spec.name }, () =>
    job.docker.createContainer(body),
  )
  const made = { id: container.id, instance, name }
  try {
    await asking({ side: 'engine', deployment: spec.name }, async () => {
      if (spec.files.length > 0) await container.putArchive(tarOf(spec.files), { path: '/' })
      for (const network of furtherNetworks(spec)) {
        const EndpointConfig = endpointOf(spec, network)
        await job.docker.getNetwork(network).connect({ Container: container.id, EndpointConfig })
      }
    })
  } catch (thrown) {
    await discard(job, [made])
    throw thrown
  }
  return made
}

/** netavark before 1.5 takes 0.0.0.0 for an address of its own, to which nothing ever goes; without an address all are meant. */
function openToAll(body: Dockerode.ContainerCreateOptions): void {
  const bindings = (body.HostConfig?.PortBindings ?? {}) as Record<string, { HostIp?: string }[]>
  for (const places of Object.values(bindings)) {
    for (const place of places) if (place.HostIp === '0.0.0.0') place.HostIp = ''
  }
}

/** A container that is never started: its labels carry a model that no instance carries. See `names.ts`. */
export async function createRecord(job: Job, mold: Omit<Mold, 'secrets'>, name: string): Promise<Made> {
  const { id, spec, versions, image } = mold
  const container = await asking({ side: 'engine', deployment: spec.name }, () =>
    job.docker.createContainer({
      _query: { name },
      _body: {
        Image: image.id,
        Entrypoint: ['/slipway-record-not-to-be-started'],
        Cmd: [],
        Labels: encodeLabels({ id, versions }),
        NetworkDisabled: true,
      },
    } as Parameters<typeof job.docker.createContainer>[0]),
  )
  return { id: container.id, instance: 0, name }
}

/** Starts containers side by side. */
export async function startAll(job: Job, made: readonly Pick<Made, 'id' | 'name'>[]): Promise<void> {
  await allOf(made, async ({ id, name }) => {
    await ignoring([304], () => asking({ side: 'engine' }, () => job.docker.getContainer(id).start()))
    job.log(`${name}: started`)
  })
}

/** Stops containers in good order: the command before the stop in each, then the engine's stop with its time-out. */
export async function stopAll(
  job: Job,
  made: readonly (Pick<Made, 'id' | 'name'> & { running: boolean })[],
  spec: DeploymentSpec | null,
): Promise<void> {
  await allOf(made, async ({ id, name, running }) => {
    if (running && spec?.beforeStop) await beforeStop(job, id, name, spec.beforeStop)
    // Also what seems to be stopped: one that restarts again and again is so for a moment.
    await ignoring([304, 404], () => asking({ side: 'engine' }, () => job.docker.getContainer(id).stop()))
    if (running) job.log(`${name}: stopped`)
  })
}

async function beforeStop(job: Job, id: string, name: string, command: string): Promise<void> {
  try {
    const code = await run(job.docker, id, ['/bin/sh', '-c', command], job.patience.beforeStop)
    job.log(`${name}: the command before the stop ended with ${code}`)
  } catch (thrown) {
    // It must not keep an instance from ever being stopped; the log says that it did not run.
    job.log(`${name}: the command before the stop did not run: ${toAppError(thrown).detail ?? ''}`)
  }
}

/** Stops and removes containers, with their anonymous volumes. */
export async function retire(
  job: Job,
  made: readonly (Pick<Made, 'id' | 'name'> & { running: boolean })[],
  spec: DeploymentSpec | null,
): Promise<void> {
  await stopAll(job, made, spec)
  await removeAll(job, made)
}

/** Removes containers and their anonymous volumes, running or not. One that is gone already is no error. */
export async function removeAll(job: Job, made: readonly Pick<Made, 'id' | 'name'>[]): Promise<void> {
  await allOf(made, async ({ id, name }) => {
    await ignoring([404], () =>
      asking({ side: 'engine' }, () => job.docker.getContainer(id).remove({ force: true, v: true })),
    )
    job.log(`${name}: removed`)
  })
}

/** Removes what was half made, after a failure that is told to the user; what cannot be removed stands in the log. */
export async function discard(job: Job, made: readonly Pick<Made, 'id' | 'name'>[]): Promise<void> {
  if (made.length === 0) return
  await removeAll(job, made).catch((thrown: unknown) => {
    job.log(`not everything that was half made could be removed: ${toAppError(thrown).message}`)
  })
}

export async function rename(job: Job, id: string, name: string): Promise<void> {
  await asking({ side: 'engine' }, () => job.docker.getContainer(id).rename({ name }))
}

const width = 8

/** Runs one call per item, some side by side, all of them to their end; then throws the first failure. */
export async function allOf<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  await inParallel(items, width, (item) => call(item).catch((thrown: unknown) => void failures.push(thrown)))
  if (failures.length > 0) throw failures[0]
}

async function ignoring(statuses: readonly number[], call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (thrown) {
    if (!statuses.includes(statusOf(thrown) ?? 0)) throw thrown
  }
}
