import type { DeletePlanRequest, DeleteTagsPlanRequest } from '@shared/plan'
import { useAnswer } from './useAnswer'

/** What deleting a tag would take, asked whenever `request` becomes another one; null asks nothing. */
export function useDeletePlan(request: () => DeletePlanRequest | null) {
  const { answer: plan, error, asking, ask } = useAnswer('delete:plan', request)
  return { plan, error, asking, ask: (): void => void ask() }
}

/** The same for several tags of one repository. */
export function useDeleteTagsPlan(request: () => DeleteTagsPlanRequest | null) {
  const { answer: plan, error, asking, ask } = useAnswer('delete:plan-tags', request)
  return { plan, error, asking, ask: (): void => void ask() }
}
