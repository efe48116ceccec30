/** Handlers of everything about deploying; loaded at the first call. */
import { writeFile } from 'node:fs/promises'
import { calls, type Handlers } from '@shared/contract'
import type { Services } from './services'
import type { LogParts } from './handlers/log'
import type { DeploymentParts } from './handlers/deployment'

const nouns = ['pool', 'deployment', 'log', 'terminal'] as const
export type DeployCall = Extract<keyof Handlers, `${(typeof nouns)[number]}:${string}`>

/** What the system's own dialogs answer; null when they were closed. */
export interface DeployDialogs extends Pick<LogParts, 'chooseSave'>, Pick<DeploymentParts, 'openText'> {
  choosePath: (folder: boolean) => Promise<string | null>
}

const isDeployCall = (name: string): name is DeployCall => nouns.some((noun) => name.startsWith(`${noun}:`))

/** Every call on pools, deployments, logs and terminals. What they need is loaded when the first one comes. */
export function deployHandlers(services: Services, dialogs: DeployDialogs): Pick<Handlers, DeployCall> {
  let loading: Promise<Pick<Handlers, DeployCall>> | null = null
  const load = (): Promise<Pick<Handlers, DeployCall>> => {
    loading ??= loadHandlers(services, dialogs).catch((error: unknown) => {
      loading = null
      throw error
    })
    return loading
  }
  const one =
    (name: DeployCall) =>
    async (input: never): Promise<unknown> =>
      ((await load())[name] as (input: never) => unknown)(input)
  const names = Object.keys(calls).filter(isDeployCall)
  return Object.fromEntries(names.map((name) => [name, one(name)])) as unknown as Pick<Handlers, DeployCall>
}

async function loadHandlers(services: Services, dialogs: DeployDialogs): Promise<Pick<Handlers, DeployCall>> {
  const { pools, deployments } = await services.deploy.get()
  const [pool, deployment, running, log, terminal] = await Promise.all([
    import('./handlers/pool'),
    import('./handlers/deployment'),
    import('./handlers/running'),
    import('./handlers/log'),
    import('./handlers/terminal'),
  ])
  const writeText = (path: string, text: string): Promise<void> => writeFile(path, text)
  return {
    ...pool.poolHandlers(pools, dialogs.choosePath),
    ...deployment.deploymentHandlers({ ...services, ...dialogs, writeText }),
    ...running.runningHandlers(deployments),
    ...log.logHandlers({ deployments, chooseSave: dialogs.chooseSave }),
    ...terminal.terminalHandlers(deployments.terminals),
  }
}
