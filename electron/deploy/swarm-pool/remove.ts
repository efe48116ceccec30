/** Taking a service away, and waiting until what it held is free. */
import { AppError } from '@shared/error'
import { pause } from '../../engine/deadline'
import type { SwarmApi } from './api'

const always = new AbortController().signal
const interval = 150
/** A swarm forgets the tasks of a service that is gone once their containers are; milliseconds until that is not awaited any more. */
const patience = 60_000

/** Resolves once its containers are gone too; those on a node that is lost are not waited for. One that is not there is fine. */
export async function removeService(
  api: SwarmApi,
  serviceId: string,
  log: (line: string) => void,
): Promise<void> {
  const name = await api.service(serviceId, always).then(
    ({ Spec }) => Spec.Name ?? serviceId,
    () => serviceId,
  )
  await api.remove(serviceId, always).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'DEPLOYMENT_UNKNOWN') throw error
  })
  const end = performance.now() + patience
  for (;;) {
    // A service that is gone cannot be asked for its tasks.
    const [tasks, nodes] = await Promise.all([api.tasks(null, always), api.nodes(always)])
    const ready = new Set(nodes.filter(({ Status }) => Status?.State === 'ready').map(({ ID }) => ID))
    const left = tasks.filter(({ ServiceID, NodeID }) => ServiceID === serviceId && ready.has(NodeID ?? ''))
    if (left.length === 0) break
    if (performance.now() > end) {
      log(`service ${name}: ${left.length} of its instances are still ending`)
      return
    }
    await pause(interval, always)
  }
  log(`service ${name}: removed`)
}
