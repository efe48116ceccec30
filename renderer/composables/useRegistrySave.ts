import type { ErrorInfo } from '@shared/error'
import type { Registry, RegistryDraft } from '@shared/registry'
import { ref, shallowRef } from 'vue'
import { errorInfoOf } from '../call-error'
import { draftsOf, draftOf, type RegistryForm } from '../registry-form'
import { useRegistriesStore } from '../stores/registries'

export interface SignInInput {
  username: string
  password: string
  keep: 'keychain' | 'session'
}

/**
 * Saves what the form holds: the registry, its companion, then the account. What was saved once is changed by the next
 * press, never added again. `save` answers true when all of it is done; else `error` says why, and what is saved stays.
 */
export function useRegistrySave(editedId: string | null) {
  const registries = useRegistriesStore()
  const mainId = ref(editedId)
  const companionId = ref<string | null>(null)
  const phase = ref<'idle' | 'saving' | 'signing-in'>('idle')
  const error = shallowRef<ErrorInfo | null>(null)

  async function put(id: string | null, draft: RegistryDraft): Promise<Registry> {
    const known = id === null ? null : registries.byId(id)
    if (!known) return registries.add(draft)
    return same(draftOf(known), draft) ? known : registries.change(known.id, draft)
  }

  /** The companion may be listed from earlier: then it stays as it is. */
  async function putCompanion(draft: RegistryDraft): Promise<Registry> {
    const listed = registries.registries.find(
      (registry) =>
        registry.host === draft.host && registry.publicRole !== null && registry.id !== mainId.value,
    )
    return companionId.value === null && listed ? listed : put(companionId.value, draft)
  }

  async function save(form: RegistryForm, account: SignInInput | null): Promise<boolean> {
    error.value = null
    phase.value = 'saving'
    const drafts = draftsOf(form)
    try {
      mainId.value = (await put(mainId.value, drafts.main)).id
      if (drafts.companion) companionId.value = (await putCompanion(drafts.companion)).id
      if (account) {
        phase.value = 'signing-in'
        await registries.signIn({ registryId: mainId.value, ...account })
      }
      return true
    } catch (thrown) {
      error.value = withAccount(
        errorInfoOf(thrown),
        phase.value === 'signing-in' ? (account?.username ?? null) : null,
      )
      return false
    } finally {
      phase.value = 'idle'
    }
  }

  return { save, phase, error, mainId, companionId }
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** An error of a sign-in names the account that was tried. */
export function withAccount(error: ErrorInfo, account: string | null): ErrorInfo {
  return account === null ? error : { ...error, context: { account, ...error.context } }
}
