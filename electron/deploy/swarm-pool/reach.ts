/** Whether a service answers from here. */
import type { DeploymentSpec } from '@shared/deployment'
import type { Address } from '@shared/running'
import type { PoolConnection } from '../driver'
import type { Job } from '../engine-pool/job'
import { reach } from '../engine-pool/reach'
import type { SwarmApi } from './api'
import { addressesOf } from './addresses'
import type { Service } from './objects'

/** Resolves with its addresses once every port answers; NOT_REACHABLE after `patience` milliseconds. */
export async function reachService(
  { connection, api }: { connection: PoolConnection; api: SwarmApi },
  job: Job,
  service: Service,
  spec: DeploymentSpec,
  patience: number,
): Promise<Address[]> {
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
