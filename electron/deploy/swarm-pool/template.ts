import { isDeepStrictEqual } from 'node:util'
import type { Service } from './objects'

/** Whether a change from one specification to another has the swarm replace its tasks; both as the engine tells them. */
export function replacesTasks(before: Pick<Service, 'Spec'>, after: Pick<Service, 'Spec'>): boolean {
  const { TaskTemplate: old, EndpointSpec: oldPorts } = before.Spec
  const { TaskTemplate: now, EndpointSpec: ports } = after.Spec
  return !isDeepStrictEqual(old, now) || !isDeepStrictEqual(oldPorts, ports)
}
