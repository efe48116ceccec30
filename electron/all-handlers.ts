import type { Emit, Handlers } from '@shared/contract'
import type { Settings } from '@shared/settings'
import type { Services } from './services'
import { appHandlers, type AppParts } from './handlers/app'
import { archiveHandlers } from './handlers/archive'
import { browseHandlers } from './handlers/browse'
import { engineHandlers } from './handlers/engine'
import { jobHandlers } from './handlers/job'
import { registryHandlers } from './handlers/registry'
import { settingsHandlers } from './handlers/settings'

export interface HandlerParts {
  services: Services
  emit: Emit
  applySettings: (settings: Settings) => void
  choosePem: () => Promise<string | null>
  chooseArchives: (folder: boolean) => Promise<string[]>
  app: AppParts
}

/** Every handler of the contract, by noun. */
export function allHandlers({
  services,
  emit,
  applySettings,
  choosePem,
  chooseArchives,
  app,
}: HandlerParts): Handlers {
  const { settings, registries, engine, browse } = services
  return {
    ...appHandlers(app),
    ...settingsHandlers(settings, applySettings),
    ...registryHandlers({ registries, emit, choosePem, forget: (id) => browse.forgetRegistry(id) }),
    ...browseHandlers(browse),
    ...engineHandlers(engine, settings),
    ...archiveHandlers({ ...services, chooseArchives }),
    ...jobHandlers(services),
  }
}
