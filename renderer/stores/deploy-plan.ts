/** What main says to a deployment that is being written: asked once typing rests, and kept until the next answer. */
import type { CallInput } from '@shared/contract'
import type { ErrorInfo } from '@shared/error'
import type { DeploymentPlan } from '@shared/running'
import { onScopeDispose, ref, shallowRef } from 'vue'
import { call } from '@/api'
import { errorInfoOf } from '@/call-error'
import { watchInStore } from './store-watch'

/** How long typing rests before main is asked, in ms. */
export const planDelay = 300

export type DeployPlanQuestion = CallInput<'deployment:plan'>

/** Null asks nothing, and what was answered last stays, as `stale`. */
export function useDeployPlan(question: () => DeployPlanQuestion | null) {
  const plan = shallowRef<DeploymentPlan | null>(null)
  const error = shallowRef<ErrorInfo | null>(null)
  /** What is shown is the answer to an older question. */
  const stale = ref(false)
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))

  async function ask(): Promise<void> {
    const wanted = question()
    if (wanted === null) return
    const mine = ++turn
    try {
      const answer = await call('deployment:plan', wanted)
      if (mine !== turn) return
      plan.value = answer
      error.value = null
    } catch (thrown) {
      if (mine !== turn) return
      error.value = errorInfoOf(thrown)
    }
    stale.value = false
  }

  function forget(): void {
    turn += 1
    clearTimeout(timer)
    plan.value = null
    error.value = null
    stale.value = false
  }

  watchInStore(
    () => JSON.stringify(question()),
    () => {
      clearTimeout(timer)
      turn += 1
      stale.value = plan.value !== null || error.value !== null
      timer = setTimeout(() => void ask(), plan.value === null ? 0 : planDelay)
    },
  )
  return { plan, error, stale, ask, forget }
}
