import type { Handlers } from '@shared/contract'
import type {
  CopyPlanRequest,
  DeletePlan,
  DeletePlanRequest,
  DeleteTagsPlan,
  DeleteTagsPlanRequest,
  PushPlan,
  PushPlanRequest,
  TransferPlan,
} from '@shared/plan'
import type { DeletedTag } from '@shared/search'
import type { JobQueue } from '../jobs/queue'

type Calls = Extract<
  keyof Handlers,
  `job:${string}` | `push:${string}` | `copy:${string}` | `delete:${string}` | `deleted:${string}`
>

export interface JobParts {
  queue: JobQueue
  planPush: (request: PushPlanRequest) => Promise<PushPlan>
  planDelete: (request: DeletePlanRequest) => Promise<DeletePlan>
  planDeleteTags: (request: DeleteTagsPlanRequest) => Promise<DeleteTagsPlan>
  planCopy: (request: CopyPlanRequest) => Promise<TransferPlan>
  /** What was deleted of a repository and is kept. */
  listDeleted: (place: { registryId: string; repository: string }) => DeletedTag[]
}

/** Calls on jobs, and the plans that are shown before one is started. */
export function jobHandlers({ queue, ...parts }: JobParts): Pick<Handlers, Calls> {
  return {
    'push:plan': (request) => parts.planPush(request),
    'copy:plan': (request) => parts.planCopy(request),
    'delete:plan': (request) => parts.planDelete(request),
    'delete:plan-tags': (request) => parts.planDeleteTags(request),
    'deleted:list': (place) => parts.listDeleted(place),
    'job:list': () => queue.list(),
    'job:enqueue': (request) => queue.enqueue(request),
    'job:cancel': ({ id }) => queue.cancel(id),
    'job:pause': ({ id }) => queue.pause(id),
    'job:resume': ({ id }) => queue.resume(id),
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
