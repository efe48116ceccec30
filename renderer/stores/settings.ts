import { defaultSettings, type Settings, type SettingsPatch } from '@shared/settings'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { call, on } from '../api'

/** The settings as main keeps them. */
export const useSettingsStore = defineStore('settings', () => {
  const settings = shallowRef<Settings>(defaultSettings)

  const load = async (): Promise<void> => {
    on('settings:changed', (next) => void (settings.value = next))
    settings.value = await call('settings:read', undefined)
  }

  /** Shows the change at once, and main's word when it answers; on an error the old state comes back. */
  const change = async (patch: SettingsPatch): Promise<void> => {
    const before = settings.value
    settings.value = { ...before, ...patch }
    try {
      settings.value = await call('settings:change', patch)
    } catch (thrown) {
      settings.value = before
      throw thrown
    }
  }

  return { settings, load, change }
})
