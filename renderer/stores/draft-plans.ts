/** The plans of drafts: asked once a target rests, and only the answer to a draft's last question counts. */
import { shallowRef } from 'vue'
import { type PlanQuestion, type PlanState, askPlan, sameQuestion } from './draft-plan'

/** How long a target must stay as it is before its plan is asked, in ms. */
export const planDelay = 300

export function useDraftPlans() {
  const plans = shallowRef<Readonly<Record<string, PlanState>>>({})
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const questions = new Map<string, PlanQuestion>()

  const planOf = (key: string): PlanState => plans.value[key] ?? { state: 'none' }
  const put = (key: string, state: PlanState): void => void (plans.value = { ...plans.value, [key]: state })

  async function ask(key: string, question: PlanQuestion): Promise<void> {
    const answer = await askPlan(question)
    if (questions.get(key) === question) put(key, answer)
  }

  /** Asks for a draft's plan; `now` asks at once, also where an answer is there. Null: there is nothing to ask. */
  function plan(key: string, question: PlanQuestion | null, now: boolean): void {
    if (!question) return forget(key)
    const known = planOf(key)
    if (!now && known.state !== 'none' && sameQuestion(known.question, question)) return
    clearTimeout(timers.get(key))
    questions.set(key, question)
    put(key, { state: 'asking', question })
    timers.set(
      key,
      setTimeout(() => void ask(key, question), now ? 0 : planDelay),
    )
  }

  function forget(key: string): void {
    clearTimeout(timers.get(key))
    questions.delete(key)
    put(key, { state: 'none' })
  }

  function clear(): void {
    for (const timer of timers.values()) clearTimeout(timer)
    questions.clear()
    plans.value = {}
  }

  return { planOf, plan, forget, clear }
}
