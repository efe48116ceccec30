import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { errorInfoOf } from './call-error'
import { createMessages, languageFor } from './i18n'
import { createPlaces } from './router'
import { useAppStore } from './stores/app'
import { useEngineStore } from './stores/engine'
import { useJobsStore } from './stores/jobs'
import { usePlacesStore } from './stores/places'
import { useRegistriesStore } from './stores/registries'
import { useSettingsStore } from './stores/settings'
import { passStyles } from './style-nonce'
import './styles/base.css'

/** Reads what the first screen needs, then shows it; what failed stands where the page would be. */
async function boot(): Promise<void> {
  const pinia = createPinia()
  const app = useAppStore(pinia)
  const settings = useSettingsStore(pinia)
  const loads = [app.load(), settings.load(), useRegistriesStore(pinia).load()]
  const results = await Promise.allSettled(loads)
  for (const result of results) {
    if (result.status === 'rejected') app.problem = errorInfoOf(result.reason)
  }
  // Engine, jobs and places fill in while the first screen is already there; each keeps its own error.
  void useEngineStore(pinia).load()
  void useJobsStore(pinia).load()
  void usePlacesStore(pinia).load()

  const messages = createMessages(languageFor(settings.settings.language, app.info?.locale ?? 'en'))
  createApp(App).use(pinia).use(messages).use(createPlaces()).mount('#app')
}

passStyles(document)
void boot()
