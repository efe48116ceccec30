/** Whether a service answers from here, and whether it is the swarm's load balancer that does not. */
import type { DeploymentSpec } from '@shared/deployment'
import { AppError } from '@shared/error'
import type { Address } from '@shared/running'
import type { PoolConnection } from '../driver'
import type { Job } from '../engine-pool/job'
import { reach } from '../engine-pool/reach'
import { run } from '../engine-pool/run-inside'
import type { SwarmApi } from './api'
import { addressesOf } from './addresses'
import { containerOf } from './containers'
import { replicasOf, type Service, type Task } from './objects'
import type { Times } from './times'

/** Resolves with its addresses once every port answers; NOT_REACHABLE after `patience` milliseconds. */
export async function reachService(
  { connection, api }: { connection: PoolConnection; api: SwarmApi },
  job: Job,
  service: Service,
  spec: DeploymentSpec,
  patience: number,
): Promise<Address[]> {
  if (replicasOf(service.Spec) === 0) return []
  job.to('reaching')
  const [tasks, nodes] = await Promise.all([api.tasks(service.ID, job.signal), api.nodes(job.signal)])
  const addresses = addressesOf(connection, nodes, service, tasks, spec)
  const options = { signal: job.signal, patience, log: (line: string) => job.log(line) }
  const isHere = ({ host }: Address): boolean => host === connection.addressHost
  await Promise.all([
    reach(addresses.filter(isHere), { ...options, local: connection.local }),
    // Another node may be in a network that only the manager is in.
    reach(
      addresses.filter((address) => !isHere(address)),
      { ...options, local: false },
    ),
  ])
  return addresses
}

/** An instance listens, and the port that should lead to it refuses: there is no load balancer in this swarm. */
export class MeshMissing extends Error {
  constructor(readonly error: AppError) {
    super(error.message)
  }
}

/**
 * As `reachService` for a service that publishes by the load balancer; MeshMissing where that is what fails, which an engine
 * whose kernel lacks IPVS never says: an instance listens at the port, or cannot be looked into.
 */
export async function reachByMesh(
  parts: { connection: PoolConnection; api: SwarmApi; times: Times },
  job: Job,
  service: Service,
  spec: DeploymentSpec,
): Promise<Address[]> {
  const { times, api } = parts
  const end = performance.now() + times.reach
  for (;;) {
    const left = end - performance.now()
    try {
      return await reachService(parts, job, service, spec, Math.max(0, Math.min(times.mesh, left)))
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'NOT_REACHABLE') throw thrown
      const tasks = await api.tasks(service.ID, job.signal)
      const listens = await listensInside(
        parts.connection,
        job,
        tasks,
        Number.parseInt(thrown.context.port ?? ''),
      )
      if (listens === true) throw new MeshMissing(thrown)
      if (performance.now() < end) continue
      throw listens === null ? new MeshMissing(thrown) : thrown
    }
  }
}

const lookPatience = 5000

/** Whether any instance listens at a TCP port; null where none can be looked into: out of reach, or without a shell. */
async function listensInside(
  connection: PoolConnection,
  job: Job,
  tasks: readonly Task[],
  port: number,
): Promise<boolean | null> {
  // "Local address" ends in the port as four hexadecimal digits; state 0A is LISTEN.
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const script = [
    'for file in /proc/net/tcp /proc/net/tcp6; do',
    `  while read -r _ at _ state _; do case "$at $state" in *":${hex} 0A") exit 42;; esac; done <"$file"`,
    'done 2>/dev/null; exit 43',
  ].join('\n')
  let seen: boolean | null = null
  for (const task of tasks.filter(({ Status }) => Status.State === 'running')) {
    const found = containerOf(connection, task)
    if (!found) continue
    const words = ['/bin/sh', '-c', script]
    const code = await run(found.docker, found.containerId, words, lookPatience, job.signal).catch(() => -1)
    job.check()
    if (code === 42) return true
    if (code === 43) seen = false
  }
  return seen
}
