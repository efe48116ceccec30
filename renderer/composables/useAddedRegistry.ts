import { useRoute, useRouter } from 'vue-router'
import { hasRole, useRegistriesStore } from '../stores/registries'

/** Goes to what was just added: its section shows it from now on. Whoever is in the settings stays there. */
export function useAddedRegistry() {
  const registries = useRegistriesStore()
  const route = useRoute()
  const router = useRouter()

  async function show(ids: readonly string[]): Promise<void> {
    const added = ids.flatMap((id) => registries.byId(id) ?? [])
    for (const section of ['public', 'private'] as const) {
      const first = added.find((registry) => hasRole(registry, section))
      if (first) await registries.choose(section, first.id)
    }
    if (route.path.startsWith('/settings')) return
    const section = added.some((registry) => hasRole(registry, 'public')) ? 'public' : 'private'
    await router.push({ name: section })
  }

  return { show }
}
