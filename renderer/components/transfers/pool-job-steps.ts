/** The steps of a job on a pool as a person would count them. */
import type { Phase, PoolJob } from '@shared/job'

export const jobSteps = ['image', 'create', 'start', 'health', 'reach', 'switch', 'stop', 'remove'] as const
export type JobStep = (typeof jobSteps)[number]

const stepOf: Partial<Record<Phase, JobStep>> = {
  preparing: 'image',
  exporting: 'image',
  reading: 'image',
  copying: 'image',
  pushing: 'image',
  pulling: 'image',
  extracting: 'image',
  verifying: 'image',
  creating: 'create',
  starting: 'start',
  health: 'health',
  reaching: 'reach',
  switching: 'switch',
  stopping: 'stop',
  removing: 'remove',
}

/** Whether the numbers of a phase are bytes of an image. */
export const movesBytes = (phase: Phase): boolean => phase !== 'preparing' && stepOf[phase] === 'image'

/** The steps that a job goes through, and the one that it is at; null before the first and after the last. */
export function stepsOf({ request, progress }: PoolJob): { steps: JobStep[]; at: JobStep | null } {
  const at = stepOf[progress.phase] ?? null
  if (request.kind === 'deploy') {
    // What is new switches nothing over. When what ran before is stopped or removed, that is part of the switch.
    const later = request.baseVersion !== null
    const steps: JobStep[] = [
      'image',
      'create',
      'start',
      'health',
      'reach',
      ...(later ? (['switch'] as const) : []),
    ]
    return { steps, at: at === 'stop' || at === 'remove' ? (later ? 'switch' : null) : at }
  }
  const steps: Record<typeof request.action, JobStep[]> = {
    stop: ['stop'],
    start: ['start', 'health'],
    restart: ['create', 'start', 'health', 'switch'],
    remove: ['stop', 'remove'],
    'restart-instance': ['stop', 'start', 'health'],
    'remove-instance': ['stop', 'remove'],
  }
  const all = steps[request.action]
  // A phase that this action was not expected to have is shown too.
  return { steps: at !== null && !all.includes(at) ? [...all, at].sort(byOrder) : all, at }
}

const byOrder = (a: JobStep, b: JobStep): number => jobSteps.indexOf(a) - jobSteps.indexOf(b)
