import type { Handlers } from '@shared/contract'
import type { Engine } from '../engine/engine'
import type { SettingsStore } from '../store/settings'

type Calls = Extract<keyof Handlers, `engine:${string}` | `local-image:${string}`>

/** Calls on the engine and its images. */
export function engineHandlers(engine: Engine, settings: SettingsStore): Pick<Handlers, Calls> {
  return {
    'engine:read': () => engine.state,
    'engine:choose': async ({ id }) => {
      await settings.change({ engine: id })
      return engine.choose(id)
    },
    'engine:reconnect': () => engine.reconnect(),
    'local-image:list': () => engine.images,
    'local-image:remove': async ({ reference }) => {
      await engine.removeReference(reference)
      return undefined
    },
  }
}
