import type { ErrorCode, ErrorInfo } from '@shared/error'
import { computed, onBeforeUnmount, ref } from 'vue'
import { useReleasedForm } from './useReleasedForm'
import type { SignInInput } from './useRegistrySave'

/** Errors that end before the password was of any use: the very next press needs it again. */
const unusedYet: readonly ErrorCode[] = ['KEYCHAIN_UNAVAILABLE', 'KEYCHAIN_LOCKED', 'REALM_REFUSED']

/**
 * User name and password while they are typed, in the component alone. The password is cleared as soon as it was sent, and
 * when the component goes.
 */
export function useAccountInput(initial: { username?: string; sessionOnly?: boolean } = {}) {
  const username = ref(initial.username ?? '')
  const password = ref('')
  const sessionOnly = ref(initial.sessionOnly ?? false)

  const complete = computed(() => username.value.trim() !== '' && password.value !== '')
  const begun = computed(() => username.value.trim() !== '' || password.value !== '')

  const take = (): SignInInput => ({
    username: username.value.trim(),
    password: password.value,
    keep: sessionOnly.value ? 'session' : 'keychain',
  })

  /** To be called with what came of sending it: null for success. */
  function sent(error: ErrorInfo | null): void {
    if (!error || !unusedYet.includes(error.code)) password.value = ''
  }

  onBeforeUnmount(() => void (password.value = ''))
  useReleasedForm()

  return { username, password, sessionOnly, complete, begun, take, sent }
}

export type AccountInput = ReturnType<typeof useAccountInput>
