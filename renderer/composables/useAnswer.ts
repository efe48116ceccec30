import type { CallInput, CallName, CallOutput } from '@shared/contract'
import type { ErrorInfo } from '@shared/error'
import { ref, shallowRef, watch } from 'vue'
import { call } from '@/api'
import { errorInfoOf } from '@/call-error'

/** Asks main whenever `input` becomes another one; null asks nothing. A late answer to an older question is dropped. */
export function useAnswer<K extends CallName>(name: K, input: () => CallInput<K> | null) {
  const answer = shallowRef<CallOutput<K> | null>(null)
  const error = shallowRef<ErrorInfo | null>(null)
  const asking = ref(false)
  let question = 0

  /** `keep`: what is there stays shown until the new answer comes. */
  async function ask(keep = false): Promise<void> {
    const mine = ++question
    const wanted = input()
    if (!keep || wanted === null) answer.value = null
    error.value = null
    asking.value = wanted !== null
    if (wanted === null) return
    try {
      const found = await call(name, wanted)
      if (mine === question) answer.value = found
    } catch (thrown) {
      if (mine === question) error.value = errorInfoOf(thrown)
    } finally {
      if (mine === question) asking.value = false
    }
  }

  watch(
    () => JSON.stringify(input()),
    () => void ask(),
    { immediate: true },
  )
  return { answer, error, asking, ask }
}
