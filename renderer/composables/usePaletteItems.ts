import {
  ArrowLeftRight,
  Box,
  Boxes,
  HardDrive,
  KeyRound,
  Languages,
  LockKeyhole,
  Palette,
  Plus,
  RefreshCw,
  Rocket,
  Search,
  Server,
  Settings,
} from '@lucide/vue'
import type { Settings as SettingsData } from '@shared/settings'
import { computed, type Component, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { wordsOf } from '../highlight'
import { sections, type SectionName } from '../router'
import type { HitField } from '../search-hit'
import { useDialogsStore } from '../stores/dialogs'
import { useEngineStore } from '../stores/engine'
import { hasRole, useRegistriesStore } from '../stores/registries'
import { useSettingsStore } from '../stores/settings'
import { usePlaceItems } from './usePlaceItems'
import { pressRefresh } from './useRefreshKey'
import { useDeployActions } from './useDeployActions'
import { useTransferActions } from './useTransferActions'

export type PaletteGroup = HitField | 'pinned' | 'recent' | 'search' | 'sections' | 'registries' | 'actions'

export interface PaletteItem {
  key: string
  group: PaletteGroup
  label: string
  /** What matched, where the label does not show it. */
  snippet?: string
  note?: string
  icon: Component
  keys?: string
  run: () => void
}

const sectionIcons: Record<SectionName, Component> = {
  public: Boxes,
  private: LockKeyhole,
  local: HardDrive,
  deployments: Rocket,
  transfers: ArrowLeftRight,
  pools: Server,
  settings: Settings,
}

/**
 * What the palette offers for a text: sections, registries and actions with every word of it in their label or note, and
 * whatever was seen that matches it. Without a text: pinned and recent places first.
 */
export function usePaletteItems(text: Readonly<Ref<string>>): {
  items: ComputedRef<PaletteItem[]>
  words: ComputedRef<string[]>
  /** Resolves when the items are those for the text. */
  settled: () => Promise<void>
  searchFailed: ComputedRef<boolean>
} {
  const { t } = useI18n()
  const router = useRouter()
  const registries = useRegistriesStore()
  const settings = useSettingsStore()
  const engine = useEngineStore()
  const dialogs = useDialogsStore()
  const found = usePlaceItems(text)
  const transfers = useTransferActions()
  const deploys = useDeployActions()
  const words = computed(() => wordsOf(text.value))
  const matches = (...texts: string[]): boolean =>
    words.value.every((word) => texts.some((one) => one.toLowerCase().includes(word)))

  const places = computed<PaletteItem[]>(() =>
    sections.map((section, index) => ({
      key: `section ${section}`,
      group: 'sections',
      label: t(`frame.nav.${section}`),
      icon: sectionIcons[section],
      keys: `mod+${index + 1}`,
      run: () => void router.push({ name: section }),
    })),
  )

  const registryItems = computed<PaletteItem[]>(() =>
    registries.registries.flatMap((registry) =>
      (['public', 'private'] as const)
        .filter((section) => hasRole(registry, section))
        .map((section) => ({
          key: `registry ${section} ${registry.id}`,
          group: 'registries' as const,
          label: registry.name,
          note: `${t(`frame.nav.${section}`)} · ${registry.host}`,
          icon: Server,
          run: () => void router.push({ name: section, params: { registryId: registry.id } }),
        })),
    ),
  )

  const set = (patch: Partial<SettingsData>) => (): void => void settings.change(patch)
  const actions = computed<PaletteItem[]>(() => {
    const action = (
      key: string,
      label: string,
      icon: Component,
      run: () => void,
      keys?: string,
    ): PaletteItem => ({
      key,
      group: 'actions',
      label,
      icon,
      run,
      ...(keys ? { keys } : {}),
    })
    return [
      action('search', t('search.start'), Search, () => void router.push({ name: 'search' })),
      ...deploys.value.map(({ key, label, icon, run }) => action(key, label, icon, run)),
      ...transfers.value.map(({ key, label, icon, run }) => action(key, label, icon, run)),
      action('add', t('frame.palette.addRegistry'), Plus, () => dialogs.addRegistry()),
      action('refresh', t('frame.palette.refresh'), RefreshCw, pressRefresh, 'F5'),
      ...registries.registries.map(({ id, name }) =>
        action(`sign-in ${id}`, t('frame.palette.signIn', { name }), KeyRound, () => dialogs.signIn(id)),
      ),
      action('reconnect', t('frame.palette.reconnect'), Box, () => void engine.reconnect()),
      action('light', t('frame.palette.themeLight'), Palette, set({ theme: 'light' })),
      action('dark', t('frame.palette.themeDark'), Palette, set({ theme: 'dark' })),
      action('system', t('frame.palette.themeSystem'), Palette, set({ theme: 'system' })),
      action('en', t('frame.palette.english'), Languages, set({ language: 'en' })),
      action('zh', t('frame.palette.chinese'), Languages, set({ language: 'zh-CN' })),
    ]
  })

  const items = computed(() => {
    const typed = words.value.length > 0
    return [
      ...(typed ? [] : found.items.value),
      ...places.value.filter((item) => matches(item.label)),
      ...(typed ? found.items.value : []),
      ...registryItems.value.filter((item) => matches(item.label, item.note ?? '')),
      ...actions.value.filter((item) => matches(item.label)),
    ]
  })
  return { items, words, settled: found.settled, searchFailed: found.failed }
}
