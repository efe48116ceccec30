import { closedText } from '@shared/visible-text'
import { createI18n } from 'vue-i18n'
import { browse as enBrowse } from './en/browse'
import { deploy as enDeploy } from './en/deploy'
import { deployment as enDeployment } from './en/deployment'
import { error as enError } from './en/error'
import { frame as enFrame } from './en/frame'
import { lineage as enLineage } from './en/lineage'
import { local as enLocal } from './en/local'
import { pool as enPool } from './en/pool'
import { push as enPush } from './en/push'
import { registry as enRegistry } from './en/registry'
import { remove as enRemove } from './en/remove'
import { search as enSearch } from './en/search'
import { settings as enSettings } from './en/settings'
import { transfers as enTransfers } from './en/transfers'
import type { LanguageTag, Messages } from './types'
import { browse as zhBrowse } from './zh-CN/browse'
import { deploy as zhDeploy } from './zh-CN/deploy'
import { deployment as zhDeployment } from './zh-CN/deployment'
import { error as zhError } from './zh-CN/error'
import { frame as zhFrame } from './zh-CN/frame'
import { lineage as zhLineage } from './zh-CN/lineage'
import { local as zhLocal } from './zh-CN/local'
import { pool as zhPool } from './zh-CN/pool'
import { push as zhPush } from './zh-CN/push'
import { registry as zhRegistry } from './zh-CN/registry'
import { remove as zhRemove } from './zh-CN/remove'
import { search as zhSearch } from './zh-CN/search'
import { settings as zhSettings } from './zh-CN/settings'
import { transfers as zhTransfers } from './zh-CN/transfers'

export const en = {
  frame: enFrame,
  browse: enBrowse,
  deploy: enDeploy,
  deployment: enDeployment,
  registry: enRegistry,
  settings: enSettings,
  error: enError,
  local: enLocal,
  pool: enPool,
  push: enPush,
  transfers: enTransfers,
  search: enSearch,
  lineage: enLineage,
  remove: enRemove,
}

export const zhCN: Messages<typeof en> = {
  frame: zhFrame,
  browse: zhBrowse,
  deploy: zhDeploy,
  deployment: zhDeployment,
  registry: zhRegistry,
  settings: zhSettings,
  error: zhError,
  local: zhLocal,
  pool: zhPool,
  push: zhPush,
  transfers: zhTransfers,
  search: zhSearch,
  lineage: zhLineage,
  remove: zhRemove,
}

/** The language to show for a choice of the settings and the system's own language (BCP 47). */
export function languageFor(choice: 'system' | LanguageTag, systemLocale: string): LanguageTag {
  if (choice !== 'system') return choice
  return systemLocale.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

/** All texts of the window; a text's key is its file and its name, `t('frame.nav.public')`. */
export function createMessages(language: LanguageTag) {
  const plugin = createI18n({
    legacy: false,
    locale: language,
    fallbackLocale: 'en',
    messages: { en, 'zh-CN': zhCN },
  })
  const texts = plugin.global
  const say = texts.t as (...given: unknown[]) => string
  texts.t = ((...given: unknown[]) => say(...given.map(closed))) as typeof texts.t
  return plugin
}

/** The values that are to be set into a text, so that none reorders the words around it. */
function closed(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const close = (value: unknown): unknown => (typeof value === 'string' ? closedText(value) : value)
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, close(value)]))
}

export type MessagesPlugin = ReturnType<typeof createMessages>
