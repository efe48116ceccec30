import type { Emit, Handlers } from '@shared/contract'
import type { Settings } from '@shared/settings'
import { deployHandlers, type DeployDialogs } from './deploy-handlers'
import type { Services } from './services'
import { appHandlers, type AppParts } from './handlers/app'
import { archiveHandlers } from './handlers/archive'
import { browseHandlers } from './handlers/browse'
import { engineHandlers } from './handlers/engine'
import { jobHandlers } from './handlers/job'
import { placeHandlers } from './handlers/place'
import { registryHandlers } from './handlers/registry'
import { searchHandlers } from './handlers/search'
import { settingsHandlers } from './handlers/settings'

export interface HandlerParts {
  services: Services
  emit: Emit
  applySettings: (settings: Settings) => void
  choosePem: () => Promise<string | null>
  chooseArchives: (folder: boolean) => Promise<string[]>
  dialogs: DeployDialogs
  app: AppParts
}

/** Every handler of the contract, by noun. */
export function allHandlers({
  services,
  emit,
  applySettings,
  choosePem,
  chooseArchives,
  dialogs,
  app,
}: HandlerParts): Handlers {
  const { settings, registries, engine, browse, search, places } = services
  const forget = async (id: string): Promise<void> => {
    await Promise.all([browse.forgetRegistry(id), places.forgetRegistry(id)])
  }
  return {
    ...appHandlers(app),
    ...settingsHandlers(settings, applySettings),
    ...registryHandlers({ registries, emit, choosePem, forget }),
    ...browseHandlers(browse),
    ...engineHandlers(engine, settings),
    ...archiveHandlers({ ...services, chooseArchives }),
    ...jobHandlers(services),
    ...searchHandlers(search),
    ...placeHandlers(places),
    ...deployHandlers(services, dialogs),
  }
}
