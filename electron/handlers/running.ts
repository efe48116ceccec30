import type { Handlers } from '@shared/contract'
import type { Deployments } from '../deploy/deployments'

type Calls =
  | 'deployment:list'
  | 'deployment:read'
  | 'deployment:watch'
  | 'deployment:unwatch'
  | 'deployment:statistics'
  | 'deployment:check-drift'

/** Calls on what runs in the pools. */
export function runningHandlers(deployments: Deployments): Pick<Handlers, Calls> {
  return {
    'deployment:list': ({ refresh }) => deployments.list(refresh),
    'deployment:read': (key) => deployments.read(key),
    'deployment:watch': (key) => {
      deployments.watch(key)
      return undefined
    },
    'deployment:unwatch': (key) => {
      deployments.unwatch(key)
      return undefined
    },
    'deployment:statistics': (key) => deployments.statistics(key),
    'deployment:check-drift': (key) => deployments.checkDrift(key),
  }
}
