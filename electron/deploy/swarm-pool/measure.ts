import { withDeadline } from '../../engine/deadline'
import type { Measure, PoolConnection } from '../driver'
import { measureContainer } from '../engine-pool/measure'
import { inParallel } from '../in-parallel'
import type { SwarmApi } from './api'
import { containerOf } from './containers'
import { readDeployed } from './list'

const width = 32
/** An engine takes up to two seconds for one; a peer that takes longer is left out, in milliseconds. */
const patience = 6000

/** What the running instances use now, of those whose engine is within reach; DEPLOYMENT_UNKNOWN. */
export async function measureService(
  parts: { connection: PoolConnection; api: SwarmApi },
  id: string,
  signal: AbortSignal,
): Promise<Measure[]> {
  const { connection } = parts
  const { tasks, service, versions } = await readDeployed(parts, id, signal)
  const running = tasks.flatMap((task) => {
    const found = task.Status.State === 'running' ? containerOf(connection, task) : null
    return found ? [{ task, ...found }] : []
  })
  const measured = await inParallel(running, width, async ({ task, docker, containerId }) => {
    const name = `${service.Spec.Name ?? ''}.${task.Slot}`
    const there = { ...connection, docker }
    const one = withDeadline(patience, signal, (inner) =>
      measureContainer(there, { id: containerId, name, labels: {} }, inner),
    )
    // A peer may be lost at any time; the manager itself being lost is an error.
    const isPeer = task.NodeID !== connection.nodeId
    const measure = isPeer ? await one.catch(() => null) : await one
    return measure && { ...measure, instanceId: task.ID, memoryLimit: versions[0].spec.memory.limit }
  })
  return measured.flatMap((one) => one ?? [])
}
