import type { ErrorInfo } from '@shared/error'
import { ref, shallowRef } from 'vue'
import { errorInfoOf } from '../call-error'

/**
 * Wraps an action that a user starts: `running` while it goes, `error` when it failed. `run` answers the value, or
 * undefined after an error; it never throws.
 */
export function useAsync<A extends unknown[], R>(action: (...input: A) => Promise<R>) {
  const running = ref(false)
  const error = shallowRef<ErrorInfo | null>(null)
  const run = async (...input: A): Promise<R | undefined> => {
    running.value = true
    error.value = null
    try {
      return await action(...input)
    } catch (thrown) {
      error.value = errorInfoOf(thrown)
      return undefined
    } finally {
      running.value = false
    }
  }
  return { run, running, error }
}
