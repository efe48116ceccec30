import type { Handlers } from '@shared/contract'
import type { Pools } from '../deploy/pools/pools'

type Calls = Extract<keyof Handlers, `pool:${string}`>

/** Calls on pools. `choosePath` shows a picker for a folder or a file. */
export function poolHandlers(
  pools: Pools,
  choosePath: (folder: boolean) => Promise<string | null>,
): Pick<Handlers, Calls> {
  return {
    'pool:list': () => pools.list(),
    'pool:refresh': ({ id }) => pools.refresh(id),
    'pool:choose': ({ id }) => pools.choose(id),
    'pool:add': (draft) => pools.add(draft),
    'pool:change': ({ id, draft }) => pools.change(id, draft),
    'pool:remove': ({ id }) => pools.remove(id),
    'pool:test': (draft) => pools.test(draft),
    'pool:choose-path': ({ folder }) => choosePath(folder),
    'pool:begin-swarm': ({ id, address }) => pools.beginSwarm(id, address),
    'pool:copy-join-command': async ({ id, role }) => {
      await pools.copyJoinCommand(id, role)
      return undefined
    },
    'pool:change-node': ({ id, nodeId, action }) => pools.changeNode(id, nodeId, action),
  }
}
