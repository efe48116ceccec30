import { computed, onScopeDispose, ref, watchEffect, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { languageFor } from '../i18n'
import { useAppStore } from '../stores/app'
import { useSettingsStore } from '../stores/settings'
import { applyTheme, type ThemeName } from '../theme'

/** Keeps the document's language and colours with the settings and, where those say so, with the system. */
export function useAppearance(): { theme: ComputedRef<ThemeName> } {
  const settings = useSettingsStore()
  const app = useAppStore()
  const { locale } = useI18n()

  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const systemDark = ref(system.matches)
  const follow = (event: MediaQueryListEvent): void => void (systemDark.value = event.matches)
  system.addEventListener('change', follow)
  onScopeDispose(() => system.removeEventListener('change', follow))

  const theme = computed<ThemeName>(() => {
    const choice = settings.settings.theme
    if (choice !== 'system') return choice
    return systemDark.value ? 'dark' : 'light'
  })
  watchEffect(() => applyTheme(theme.value, document.documentElement))
  watchEffect(() => {
    locale.value = languageFor(settings.settings.language, app.info?.locale ?? navigator.language)
    document.documentElement.lang = locale.value
  })
  return { theme }
}
