import type { Handlers } from '@shared/contract'
import type { Terminals } from '../deploy/terminals'

/** Calls on shells in instances. */
export function terminalHandlers(
  terminals: Terminals,
): Pick<Handlers, Extract<keyof Handlers, `terminal:${string}`>> {
  return {
    'terminal:open': (request) => terminals.open(request),
    'terminal:write': async ({ terminalId, data }) => {
      await terminals.write(terminalId, data)
      return undefined
    },
    'terminal:resize': async ({ terminalId, columns, rows }) => {
      await terminals.resize(terminalId, { columns, rows })
      return undefined
    },
    'terminal:close': ({ terminalId }) => {
      terminals.close(terminalId)
      return undefined
    },
  }
}
