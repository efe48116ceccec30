import type { Handlers } from '@shared/contract'
import type { DeletePlan, DeletePlanRequest, PushPlan, PushPlanRequest } from '@shared/plan'
import type { JobQueue } from '../jobs/queue'

type Calls = Extract<keyof Handlers, `job:${string}` | `push:${string}` | `delete:${string}`>

export interface JobParts {
  queue: JobQueue
  planPush: (request: PushPlanRequest) => Promise<PushPlan>
  planDelete: (request: DeletePlanRequest) => Promise<DeletePlan>
}

/** Calls on jobs, and the plans that are shown before one is started. */
export function jobHandlers({ queue, planPush, planDelete }: JobParts): Pick<Handlers, Calls> {
  return {
    'push:plan': (request) => planPush(request),
    'delete:plan': (request) => planDelete(request),
    'job:list': () => queue.list(),
    'job:enqueue': (request) => queue.enqueue(request),
    'job:cancel': ({ id }) => queue.cancel(id),
    'job:retry': ({ id, replaces }) => queue.retry(id, replaces ?? undefined),
    'job:forget': async ({ id }) => {
      await queue.forget(id)
      return undefined
    },
    'job:forget-ended': async () => {
      await queue.forgetEnded()
      return undefined
    },
    'job:log': ({ id }) => queue.log(id),
  }
}
