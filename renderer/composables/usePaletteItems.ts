import {
  ArrowLeftRight,
  Box,
  Boxes,
  HardDrive,
  KeyRound,
  Languages,
  LockKeyhole,
  Package,
  Palette,
  Plus,
  RefreshCw,
  Server,
  Settings,
} from '@lucide/vue'
import type { Settings as SettingsData } from '@shared/settings'
import { computed, type Component, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { sections, type SectionName } from '../router'
import { useCatalogsStore } from '../stores/catalogs'
import { useDialogsStore } from '../stores/dialogs'
import { useEngineStore } from '../stores/engine'
import { hasRole, useRegistriesStore } from '../stores/registries'
import { useSettingsStore } from '../stores/settings'
import { pressRefresh } from './useRefreshKey'

export interface PaletteItem {
  key: string
  group: 'sections' | 'repositories' | 'registries' | 'actions'
  label: string
  note?: string
  icon: Component
  keys?: string
  run: () => void
}

const sectionIcons: Record<SectionName, Component> = {
  public: Boxes,
  private: LockKeyhole,
  local: HardDrive,
  transfers: ArrowLeftRight,
  pools: Box,
  settings: Settings,
}
/** More than this many repositories are not offered at once; a longer text finds the rest. */
const repositoryLimit = 30

/** What the palette offers for a text: every word of it must be in an item's label or note. */
export function usePaletteItems(text: Readonly<Ref<string>>): ComputedRef<PaletteItem[]> {
  const { t } = useI18n()
  const router = useRouter()
  const registries = useRegistriesStore()
  const catalogs = useCatalogsStore()
  const settings = useSettingsStore()
  const engine = useEngineStore()
  const dialogs = useDialogsStore()
  const words = computed(() => text.value.toLowerCase().split(/\s+/).filter(Boolean))
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

  const repositories = computed<PaletteItem[]>(() => {
    if (words.value.length === 0) return []
    const found: PaletteItem[] = []
    for (const { registryId, section, repositories: rows } of catalogs.all()) {
      const host = registries.byId(registryId)?.host
      if (!host) continue
      for (const { name: repository } of rows) {
        if (found.length >= repositoryLimit) return found
        if (!matches(repository)) continue
        found.push({
          key: `repository ${section} ${registryId} ${repository}`,
          group: 'repositories',
          label: repository,
          note: host,
          icon: Package,
          run: () => void router.push({ name: 'repository', params: { section, registryId, repository } }),
        })
      }
    }
    return found
  })

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

  return computed(() => [
    ...places.value.filter((item) => matches(item.label)),
    ...repositories.value,
    ...registryItems.value.filter((item) => matches(item.label, item.note ?? '')),
    ...actions.value.filter((item) => matches(item.label)),
  ])
}
