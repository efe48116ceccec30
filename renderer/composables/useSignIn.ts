import type { ErrorInfo } from '@shared/error'
import { ref, shallowRef } from 'vue'
import { errorInfoOf } from '../call-error'
import { useRegistriesStore } from '../stores/registries'
import { withAccount, type SignInInput } from './useRegistrySave'

/** Signs in to one registry; both actions answer whether they worked, and `error` says why not. */
export function useSignIn(registryId: string) {
  const registries = useRegistriesStore()
  const running = ref(false)
  const error = shallowRef<ErrorInfo | null>(null)

  async function attempt(action: () => Promise<unknown>, account: string | null): Promise<boolean> {
    running.value = true
    error.value = null
    try {
      await action()
      return true
    } catch (thrown) {
      error.value = withAccount(errorInfoOf(thrown), account)
      return false
    } finally {
      running.value = false
    }
  }

  /** Offered where there is one; what keeps it from being read is no matter of this dialog. */
  const dockerUser = ref<string | null>(null)
  registries.dockerUser(registryId).then(
    (username) => (dockerUser.value = username),
    () => undefined,
  )

  return {
    running,
    dockerUser,
    error,
    signIn: (input: SignInInput): Promise<boolean> =>
      attempt(() => registries.signIn({ registryId, ...input }), input.username),
    /** With the account that docker's own client keeps. */
    adopt: (username: string, keep: SignInInput['keep']): Promise<boolean> =>
      attempt(() => registries.adoptDockerLogin({ registryId, keep }), username),
    /** The user's word that the token service at `realm` may have the account. */
    confirm: (realm: string): Promise<boolean> =>
      attempt(() => registries.confirmRealm(registryId, realm), null),
  }
}
