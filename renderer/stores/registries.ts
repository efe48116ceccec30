import type { CallInput } from '@shared/contract'
import type {
  ProbeStep,
  Registry,
  RegistryDraft,
  RegistryList,
  Section,
  ServerCertificate,
  Trust,
} from '@shared/registry'
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { call, on } from '../api'
import { useSettingsStore } from './settings'

/** Whether a registry is shown in a section. */
export const hasRole = (registry: Registry, section: Section): boolean =>
  (section === 'public' ? registry.publicRole : registry.privateRole) !== null

/** The namespace that a section shows of a registry; '' where it shows everything, or has no such role. */
export const namespaceOf = (registry: Registry, section: Section): string =>
  (section === 'public' ? registry.publicRole : registry.privateRole)?.namespace ?? ''

/** The registries, their accounts and how they answer; and which one each section shows. */
export const useRegistriesStore = defineStore('registries', () => {
  const settings = useSettingsStore()
  const list = shallowRef<RegistryList>({ registries: [], unforgotten: 0, revision: -1 })
  const loaded = ref(false)
  const registries = computed(() => list.value.registries)
  const unforgotten = computed(() => list.value.unforgotten)

  const take = (next: RegistryList): void => {
    if (next.revision >= list.value.revision) list.value = next
  }
  /** A call's answer shows at once, before the list's own event comes. */
  const put = (registry: Registry): Registry => {
    const others = list.value.registries
    const known = others.some((other) => other.id === registry.id)
    list.value = {
      ...list.value,
      registries: known
        ? others.map((other) => (other.id === registry.id ? registry : other))
        : [...others, registry],
    }
    return registry
  }

  const load = async (): Promise<void> => {
    on('registry:changed', take)
    take(await call('registry:list', undefined))
    loaded.value = true
  }

  const byId = (id: string | null | undefined): Registry | null =>
    registries.value.find((registry) => registry.id === id) ?? null
  const inSection = (section: Section): Registry[] =>
    registries.value.filter((registry) => hasRole(registry, section))
  const current = (section: Section): Registry | null => {
    const candidates = inSection(section)
    const chosen = settings.settings.current[section]
    return candidates.find((registry) => registry.id === chosen) ?? candidates[0] ?? null
  }
  const choose = async (section: Section, id: string): Promise<void> => {
    if (settings.settings.current[section] === id) return
    await settings.change({ current: { ...settings.settings.current, [section]: id } })
  }

  return {
    registries,
    unforgotten,
    loaded,
    load,
    byId,
    inSection,
    current,
    choose,
    add: async (draft: RegistryDraft): Promise<Registry> => put(await call('registry:add', draft)),
    change: async (id: string, draft: RegistryDraft): Promise<Registry> =>
      put(await call('registry:change', { id, draft })),
    remove: async (id: string): Promise<void> => {
      await call('registry:remove', { id })
      list.value = { ...list.value, registries: registries.value.filter((registry) => registry.id !== id) }
    },
    /** Tries the typed account, else the registry's own. Tells each step through `onSteps` while it goes; answers all of them. */
    probe: async (
      id: string | null,
      draft: RegistryDraft,
      account: { username: string; password: string } | null = null,
      onSteps: (steps: ProbeStep[]) => void = () => {},
    ): Promise<ProbeStep[]> => {
      const probeId = crypto.randomUUID()
      const end = on('probe:changed', (event) => {
        if (event.probeId === probeId) onSteps(event.steps)
      })
      try {
        return await call('registry:probe', { probeId, id, draft, account })
      } finally {
        end()
      }
    },
    inspectCertificate: (host: string, trust: Trust): Promise<ServerCertificate> =>
      call('registry:inspect-certificate', { host, trust }),
    confirmRealm: async (id: string, realm: string): Promise<Registry> =>
      put(await call('registry:confirm-realm', { id, realm })),
    chooseCertificate: (): Promise<{ pem: string } | null> => call('registry:choose-certificate', undefined),
    /** The user name with which docker's own client is signed in, or null. */
    dockerUser: async (registryId: string): Promise<string | null> =>
      (await call('account:docker-login', { registryId })).username,
    adoptDockerLogin: async (input: CallInput<'account:adopt-docker-login'>): Promise<Registry> =>
      put(await call('account:adopt-docker-login', input)),
    signIn: async (input: CallInput<'account:sign-in'>): Promise<Registry> =>
      put(await call('account:sign-in', input)),
    signOut: async (registryId: string, accountId: string): Promise<Registry> =>
      put(await call('account:sign-out', { registryId, accountId })),
    /** Has the keychain forget the passwords that it could not forget before. */
    forgetLeft: async (): Promise<void> => take(await call('account:forget-left', undefined)),
    chooseAccount: async (registryId: string, accountId: string | null): Promise<Registry> =>
      put(await call('account:choose', { registryId, accountId })),
  }
})
