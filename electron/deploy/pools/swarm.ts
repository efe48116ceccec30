/** What is done to a swarm itself: begin it, let others join, change its nodes. Failures are AppErrors. */
import type Dockerode from 'dockerode'
import { z } from 'zod'
import { AppError } from '@shared/error'
import { withDeadline } from '../../engine/deadline'
import { toEngineError } from '../../engine/error'
import { understood } from '../../engine/understood'

const patience = 30_000

export type NodeAction = 'activate' | 'pause' | 'drain' | 'promote' | 'demote' | 'remove'

const Tokens = z.object({
  JoinTokens: z.object({
    Worker: z.string().regex(/^SWMTKN-[A-Za-z0-9-]+$/),
    Manager: z.string().regex(/^SWMTKN-[A-Za-z0-9-]+$/),
  }),
})
const Node = z.object({
  Version: z.object({ Index: z.number() }),
  Spec: z.record(z.string(), z.unknown()),
  Status: z.object({ State: z.string() }).nullish().catch(null),
})

/** Makes the engine the first manager of a new swarm. INPUT_INVALID (field `address`) where it needs to be told one. */
export async function beginSwarm(docker: Dockerode, address: string | null): Promise<void> {
  const body = { ListenAddr: '0.0.0.0:2377', AdvertiseAddr: address ?? '' }
  await ask(() => docker.swarmInit(body)).catch((error: AppError) => {
    const told = error.detail ?? ''
    if (/address already in use/i.test(told)) {
      throw new AppError('PORT_IN_USE', { side: 'pool', port: '2377/tcp' }, { detail: told })
    }
    if (!/advertise|choose an IP|could not find|must specify a listening|not a recognized/i.test(told))
      throw error
    throw new AppError('INPUT_INVALID', { side: 'pool', field: 'address' }, { detail: told })
  })
}

/** The command with which another host joins. It holds a secret. */
export async function joinCommand(
  docker: Dockerode,
  role: 'worker' | 'manager',
  managers: readonly string[],
): Promise<string> {
  const [address] = managers.filter((text) => /^[[\]0-9A-Za-z.:-]+:\d+$/.test(text))
  const answer = Tokens.safeParse(await ask(() => docker.swarmInspect()))
  if (!answer.success || address === undefined) {
    const detail = 'The engine does not tell how to join its swarm.'
    throw new AppError('ENGINE_FAILED', { side: 'engine' }, { detail })
  }
  const { Worker, Manager } = answer.data.JoinTokens
  return `docker swarm join --token ${role === 'worker' ? Worker : Manager} ${address}`
}

/** Changes a node's availability or role, or takes it out; a node that is down needs no leave of its own for that. */
export async function changeNode(docker: Dockerode, nodeId: string, action: NodeAction): Promise<void> {
  const node = docker.getNode(nodeId)
  const { Version, Spec, Status } = understood(Node, await ask(() => node.inspect()))
  if (action === 'remove') {
    await ask(() => node.remove({ force: Status?.State !== 'ready' }))
    return
  }
  const change = {
    activate: { Availability: 'active' },
    pause: { Availability: 'pause' },
    drain: { Availability: 'drain' },
    promote: { Role: 'manager' },
    demote: { Role: 'worker' },
  }[action]
  const update = node.update as (options: object) => Promise<unknown>
  await ask(() => update.call(node, { _query: { version: Version.Index }, _body: { ...Spec, ...change } }))
}

async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await withDeadline(patience, null, call)
  } catch (thrown) {
    throw toEngineError(thrown, { side: 'pool' })
  }
}
