import type { Handlers } from '@shared/contract'
import type { Settings } from '@shared/settings'
import type { SettingsStore } from '../store/settings'

/** Calls on the settings. `apply` hands a change to what lives outside the store (theme, engine). */
export function settingsHandlers(
  store: SettingsStore,
  apply: (settings: Settings) => void,
): Pick<Handlers, 'settings:read' | 'settings:change'> {
  return {
    'settings:read': () => store.read(),
    'settings:change': async (patch) => {
      const settings = await store.change(patch)
      apply(settings)
      return settings
    },
  }
}
