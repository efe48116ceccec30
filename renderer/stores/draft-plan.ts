/** What main is asked about a draft, and its answer in one shape for every source. */
import type { ErrorInfo } from '@shared/error'
import type {
  ArchivePlanRequest,
  CopyPlanRequest,
  PushPlan,
  PushPlanRequest,
  TransferPlan,
} from '@shared/plan'
import { call } from '@/api'
import { errorInfoOf } from '@/call-error'

export type PlanQuestion =
  | { call: 'push:plan'; input: PushPlanRequest }
  | { call: 'archive:plan'; input: ArchivePlanRequest }
  | { call: 'copy:plan'; input: CopyPlanRequest }

export interface DraftPlan extends Omit<TransferPlan, 'digest'> {
  /** What the source names now; null where nothing tells it. */
  digest: string | null
}

/** What is known about a draft's plan; `question` says for which target it was asked. */
export type PlanState =
  | { state: 'none' }
  | { state: 'asking'; question: PlanQuestion }
  | { state: 'ready'; question: PlanQuestion; plan: DraftPlan }
  | { state: 'failed'; question: PlanQuestion; error: ErrorInfo }

export const sameQuestion = (a: PlanQuestion, b: PlanQuestion): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

/** A plan of the engine's push knows neither mounts nor referrers: the engine sends by its own lights. */
export function fromPushPlan({ platform, ...plan }: PushPlan): DraftPlan {
  return {
    ...plan,
    digest: null,
    platforms: platform === null ? [] : [platform],
    layersMounted: 0,
    bytesMounted: 0,
    referrers: 0,
  }
}

async function answerOf(question: PlanQuestion): Promise<DraftPlan> {
  switch (question.call) {
    case 'push:plan':
      return fromPushPlan(await call(question.call, question.input))
    case 'archive:plan':
      return call(question.call, question.input)
    case 'copy:plan':
      return call(question.call, question.input)
  }
}

/** Asks main; a refusal is an answer too. */
export async function askPlan(question: PlanQuestion): Promise<PlanState> {
  try {
    return { state: 'ready', question, plan: await answerOf(question) }
  } catch (thrown) {
    return { state: 'failed', question, error: errorInfoOf(thrown) }
  }
}
