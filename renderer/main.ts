import './no-eval'
import { createPinia } from 'pinia'
import App from './App.vue'
import { errorInfoOf } from './call-error'
import { createMessages, languageFor } from './i18n'
import { createPlaces } from './router'
import { useAppStore } from './stores/app'
import { useEngineStore } from './stores/engine'
import { useJobsStore } from './stores/jobs'
import { usePlacesStore } from './stores/places'
import { usePoolsStore } from './stores/pools'
import { useRegistriesStore } from './stores/registries'
import { useSettingsStore } from './stores/settings'
import { passStyles } from './style-nonce'
import { createVisibleApp } from './visible-dom'
import './styles/base.css'

/** Reads what the first screen needs, then shows it; what failed stands where the page would be. */
async function boot(): Promise<void> {
  const pinia = createPinia()
  const app = useAppStore(pinia)
  const settings = useSettingsStore(pinia)
  const note = (reason: unknown): void => void (app.problem = errorInfoOf(reason))
  // Asks the keychain, which may wait for its password: no screen waits for that.
  app.load().catch(note)
  // Fetched meanwhile: it is what most starts show.
  void import('./views/CatalogView.vue')
  const loads = [settings.load(), useRegistriesStore(pinia).load()]
  for (const result of await Promise.allSettled(loads)) {
    if (result.status === 'rejected') note(result.reason)
  }
  // Engine, jobs and places fill in while the first screen is already there; each keeps its own error.
  void useEngineStore(pinia).load()
  void useJobsStore(pinia).load()
  void usePlacesStore(pinia).load()
  void usePoolsStore(pinia).load()

  const messages = createMessages(languageFor(settings.settings.language, navigator.language))
  const place = document.querySelector('#app')
  if (place) createVisibleApp(App).use(pinia).use(messages).use(createPlaces()).mount(place)
}

passStyles(document)
void boot()
