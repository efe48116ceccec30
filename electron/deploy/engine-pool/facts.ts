import { createServer } from 'node:net'
import { z } from 'zod'
import type { DeploymentSpec } from '@shared/deployment'
import { withDeadline } from '../../engine/deadline'
import { imageIdOf } from '../../engine/images'
import { understood } from '../../engine/understood'
import type { PoolConnection, PoolFacts } from '../driver'
import { inParallel } from '../in-parallel'
import { freePort } from '../plan'
import { asking } from './error'
import { listContainers, patience } from './listing'

const Info = z.object({
  NCPU: z.number().nullish().catch(null),
  MemTotal: z.number().nullish().catch(null),
})
const Version = z.object({ Os: z.string().catch('linux'), Arch: z.string().catch('amd64') })
const Networks = z.array(z.object({ Name: z.string() }))

/** What a plan is checked against. `ignoreId`: the deployment that is about to be changed; its own ports and names are free. */
export async function poolFacts(
  connection: PoolConnection,
  spec: DeploymentSpec,
  ignoreId: string | null,
  signal: AbortSignal,
): Promise<PoolFacts> {
  const { docker } = connection
  const ask = <T>(call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
    asking({ pool: connection.name }, () => withDeadline(patience, signal, call))
  const [containers, info, version, networks, imageId] = await Promise.all([
    listContainers(connection, signal),
    ask(() => docker.info()),
    ask(() => docker.version()),
    ask((abortSignal) => docker.listNetworks({ abortSignal })),
    ask(() => imageIdOf(docker, spec.image.reference)),
  ])
  const usedPorts = new Map<string, string>()
  const own = new Set<string>()
  for (const container of containers) {
    for (const { host, protocol } of container.ports) {
      if (host === null) continue
      const port = `${host}/${protocol}`
      if (ignoreId !== null && container.own?.id === ignoreId) own.add(port)
      else usedPorts.set(port, container.name)
    }
  }
  for (const port of await takenHere(connection, spec)) {
    if (!own.has(port) && !usedPorts.has(port)) usedPorts.set(port, '')
  }
  if (connection.local) await noteNeighbours(spec, usedPorts)
  const { NCPU, MemTotal } = understood(Info, info)
  const { Os, Arch } = understood(Version, version)
  return {
    usedPorts,
    names: new Set(
      containers.flatMap(({ name, own: identity }) =>
        ignoreId !== null && identity?.id === ignoreId ? [] : [name, ...(identity ? [identity.name] : [])],
      ),
    ),
    networks: new Set(understood(Networks, networks).map(({ Name }) => Name)),
    imagePresent: imageId !== null,
    cpus: NCPU ?? null,
    memoryBytes: MemTotal ?? null,
    nodes: 1,
    platform: `${Os}/${Arch}`,
  }
}

/** Wanted TCP ports that some other program of this computer holds, where the engine is on it. */
async function takenHere({ local }: PoolConnection, spec: DeploymentSpec): Promise<string[]> {
  if (!local) return []
  const wanted = [
    ...spec.ports,
    ...(spec.debugPort ? [{ ...spec.debugPort, protocol: 'tcp', scope: 'local' }] : []),
  ]
  const tried = wanted.filter(({ host, protocol }) => host !== null && protocol === 'tcp')
  const found = await inParallel(tried, 16, async ({ host, scope }) =>
    host !== null && (await isTaken(host, scope === 'local' ? '127.0.0.1' : '0.0.0.0'))
      ? [`${host}/tcp`]
      : [],
  )
  return found.flat()
}

/** How many ports are tried until one is free that can be proposed. */
const mostTried = 50

/** What another program holds of the ports that would be proposed instead of one that is in use: noted as used, too. */
async function noteNeighbours(spec: DeploymentSpec, used: Map<string, string>): Promise<void> {
  for (const { host, protocol } of spec.ports) {
    if (host === null || protocol !== 'tcp' || !used.has(`${host}/tcp`)) continue
    for (let tries = 0; tries < mostTried; tries += 1) {
      const next = freePort(host, protocol, used)
      if (next === null || !(await isTaken(next, '0.0.0.0'))) break
      used.set(`${next}/tcp`, '')
    }
  }
}

function isTaken(port: number, host: string): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer()
    // Any other failure, such as a port that only root may have, says nothing about the engine.
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'EADDRINUSE'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(false)))
  })
}
