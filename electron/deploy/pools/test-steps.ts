import { AppError } from '@shared/error'
import type { PoolDraft, PoolTestStep } from '@shared/pool'
import type Dockerode from 'dockerode'
import { withDeadline } from '../../engine/deadline'
import { dial, hangUp } from '../../engine/dial'
import { toEngineError } from '../../engine/error'
import { identify, type Found } from '../../engine/look'
import { mayHoldSecrets } from '../../engine/target'
import { readInfo, type EngineInfo } from './facts'
import { targetOf } from './place'

type Name = PoolTestStep['step']
type Result = { text: string | null; warning?: AppError }

const names: readonly Name[] = ['address', 'connect', 'engine', 'swarm', 'rights']
const patience = 10_000

/** Tries what a form says, step by step, and keeps nothing: address, connection, engine, swarm, rights. Never throws. */
export async function testPool(draft: PoolDraft): Promise<PoolTestStep[]> {
  const target = targetOf(draft, 'draft')
  const never = new AbortController().signal
  const known: { docker: Dockerode | null; found: Found | null; info: EngineInfo | null } = {
    docker: null,
    found: null,
    info: null,
  }
  const need = <T>(value: T | null): T => {
    if (value === null) throw new AppError('INTERNAL', { side: 'pool' })
    return value
  }
  const run: Record<Name, () => Promise<Result>> = {
    address: () => {
      if (target.problem) throw target.problem
      return Promise.resolve({ text: draft.host })
    },
    connect: async () => {
      known.docker = await dial(target)
      known.found = await identify(known.docker, target, never)
      if (mayHoldSecrets(target)) return { text: draft.host.replace(/:\/\/.*$/, '') }
      const detail =
        'The connection is neither local nor checked by TLS: no registry account is sent over it.'
      return { text: null, warning: new AppError('ENGINE_INSECURE', { side: 'pool' }, { detail }) }
    },
    engine: () => {
      const { product, version, platform } = need(known.found)
      return Promise.resolve({
        text: `${product === 'podman' ? 'Podman' : 'Docker'} ${version}, ${platform}`,
      })
    },
    swarm: async () => {
      const docker = need(known.docker)
      const ask = docker.info as (options: { abortSignal: AbortSignal }) => Promise<unknown>
      known.info = readInfo(
        await withDeadline(patience, null, (abortSignal) => ask.call(docker, { abortSignal })),
      )
      const { isManager, swarmState } = known.info
      return { text: isManager ? 'manager' : swarmState === 'active' ? 'worker' : swarmState }
    },
    rights: async () => {
      const docker = need(known.docker)
      await withDeadline(patience, null, (abortSignal) => docker.listContainers({ limit: 1, abortSignal }))
      return { text: known.info?.name || null }
    },
  }
  const steps: PoolTestStep[] = []
  for (const step of names) {
    if (steps.some(({ state }) => state === 'failed')) {
      steps.push({ step, state: 'skipped', text: null, error: null, milliseconds: 0 })
      continue
    }
    const since = performance.now()
    const milliseconds = (): number => Math.round(performance.now() - since)
    try {
      const { text, warning } = await run[step]()
      const state = warning ? 'warning' : 'ok'
      steps.push({ step, state, text, error: warning?.toInfo() ?? null, milliseconds: milliseconds() })
    } catch (thrown) {
      const error = toEngineError(thrown, { side: 'pool', host: draft.host, pool: draft.name }).toInfo()
      steps.push({ step, state: 'failed', text: null, error, milliseconds: milliseconds() })
    }
  }
  if (known.docker) hangUp(known.docker)
  return steps
}
