import type { Handlers } from '@shared/contract'
import type { Deployments } from '../deploy/deployments'

export interface LogParts {
  deployments: Deployments
  /** Shows a save dialog that proposes this name; null when it was closed. */
  chooseSave: (name: string) => Promise<string | null>
}

/** Calls on the logs of what runs. */
export function logHandlers({
  deployments,
  chooseSave,
}: LogParts): Pick<Handlers, Extract<keyof Handlers, `log:${string}`>> {
  return {
    'log:open': (request) => deployments.logs.open(request),
    'log:close': ({ streamId }) => {
      deployments.logs.close(streamId)
      return undefined
    },
    'log:save': async (request) => {
      const { name } = deployments.find(request)
      const path = await chooseSave(`${name}.log`)
      if (path !== null) await deployments.saveLog(request, path)
      return path
    },
  }
}
