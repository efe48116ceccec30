import { ref, shallowRef, watch } from 'vue'
import type { ErrorInfo } from '@shared/error'
import type { DeletePlan, DeletePlanRequest } from '@shared/plan'
import { call } from '@/api'
import { errorInfoOf } from '@/call-error'

/** What deleting a tag would take, asked whenever `request` becomes another one; null asks nothing. Late answers are dropped. */
export function useDeletePlan(request: () => DeletePlanRequest | null) {
  const plan = shallowRef<DeletePlan | null>(null)
  const error = shallowRef<ErrorInfo | null>(null)
  const asking = ref(false)
  let question = 0

  async function ask(): Promise<void> {
    const mine = ++question
    const input = request()
    plan.value = null
    error.value = null
    asking.value = input !== null
    if (!input) return
    try {
      const answer = await call('delete:plan', input)
      if (mine === question) plan.value = answer
    } catch (thrown) {
      if (mine === question) error.value = errorInfoOf(thrown)
    } finally {
      if (mine === question) asking.value = false
    }
  }

  watch(() => JSON.stringify(request()), ask, { immediate: true })
  return { plan, error, asking, ask }
}
