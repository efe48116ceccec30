import type { ErrorInfo } from '@shared/error'
import type { SearchAnswer } from '@shared/search'
import { ref, shallowRef, watch, type Ref } from 'vue'
import { call } from '@/api'
import { errorInfoOf } from '@/call-error'

const nothing: SearchAnswer = { hits: [], more: false }

/**
 * Searches everything ever seen while a text is typed. One question is under way at a time, and the next one is for what
 * stands there by then; the last answer stays until the next one comes. `settled` resolves when the answer is for the text.
 */
export function useSearch(text: Readonly<Ref<string>>, limit: number) {
  const answer = shallowRef(nothing)
  const error = shallowRef<ErrorInfo | null>(null)
  const answered = ref('')
  let running: Promise<void> | null = null

  async function catchUp(): Promise<void> {
    for (let wanted = text.value.trim(); wanted !== answered.value; wanted = text.value.trim()) {
      try {
        answer.value = wanted === '' ? nothing : await call('search:query', { text: wanted, limit })
        error.value = null
      } catch (thrown) {
        answer.value = nothing
        error.value = errorInfoOf(thrown)
      }
      answered.value = wanted
    }
  }

  function begin(): void {
    if (running !== null || text.value.trim() === answered.value) return
    // Only once this is set: an emptied text is caught up with on the spot.
    running = catchUp().finally(() => {
      running = null
      begin()
    })
  }

  async function settled(): Promise<void> {
    while (running !== null) await running
  }
  watch(text, begin, { immediate: true })
  return { answer, error, answered, settled }
}
