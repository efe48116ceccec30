/** What a container's own words mean for an instance. Pure. */
import { z } from 'zod'
import type { RestartSpec } from '@shared/deployment'
import type { Health, Instance } from '@shared/running'
import type { Listed } from './listing'

type Policy = z.infer<typeof RestartSpec>['policy']

/** What inspecting a container adds to its listing; times in milliseconds since 1970. */
export interface Inspection {
  state: string
  health: Health
  startedAt: number | null
  finishedAt: number | null
  exitCode: number
  outOfMemory: boolean
  error: string | null
  restarts: number
  policy: Policy
  tty: boolean
}

export interface InstanceState {
  state: Instance['state']
  health: Health
  exitCode: number | null
  message: string | null
}

/** One that began again this short a time ago is still counted as restarting; milliseconds. */
export const restartWindow = 10_000

const text = z.string().nullish().catch(null)
const HealthState = z
  .object({ Status: text, Log: z.array(z.unknown()).nullish().catch(null) })
  .nullish()
  .catch(null)

export const Inspect = z.object({
  Id: z.string(),
  Image: z.string().catch(''),
  RestartCount: z.number().catch(0),
  State: z.object({
    Status: z.string().catch('unknown'),
    ExitCode: z.number().catch(0),
    OOMKilled: z.boolean().catch(false),
    Error: text,
    StartedAt: text,
    FinishedAt: text,
    Health: HealthState,
    // Podman before 4.4 writes it so.
    Healthcheck: HealthState,
  }),
  Config: z
    .object({ Tty: z.boolean().catch(false) })
    .nullish()
    .catch(null),
  HostConfig: z
    .object({ RestartPolicy: z.object({ Name: z.string().catch('no') }).nullish() })
    .nullish()
    .catch(null),
})

/** `kind` is the engine's: Podman without systemd never runs a health check, and says for ever that it is only starting. */
export function toInspection(inspect: z.infer<typeof Inspect>, kind: string): Inspection {
  const { State: state } = inspect
  const health = state.Health ?? state.Healthcheck
  const unasked = kind === 'podman' && health?.Status === 'starting' && !health.Log?.length
  const name = inspect.HostConfig?.RestartPolicy?.Name ?? 'no'
  return {
    state: state.Status,
    health: unasked ? 'none' : toHealth(health?.Status ?? ''),
    startedAt: toTime(state.StartedAt),
    finishedAt: toTime(state.FinishedAt),
    exitCode: state.ExitCode,
    outOfMemory: state.OOMKilled,
    error: state.Error || null,
    restarts: inspect.RestartCount,
    policy: name === 'always' || name === 'unless-stopped' || name === 'on-failure' ? name : 'no',
    tty: inspect.Config?.Tty ?? false,
  }
}

/** The year 1, which stands for never, is null. */
function toTime(written: string | null | undefined): number | null {
  const time = Date.parse(written ?? '')
  return Number.isFinite(time) && time > 0 ? time : null
}

function toHealth(word: string): Health {
  return word === 'healthy' || word === 'unhealthy' || word === 'starting' ? word : 'none'
}

/** Health as it stands in `Up 5 minutes (health: starting)`; docker's lists have it, Podman's have not. */
export function healthOfStatus(status: string): Health {
  return toHealth(/\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status)?.[1] ?? '')
}

/** Whether the listing alone says everything: it has run for minutes, so it is in no loop of restarts. */
export function isSettled(container: Listed, kind: string): boolean {
  return (
    kind !== 'podman' &&
    container.state === 'running' &&
    /^Up (About|\d+ (minute|hour|day|week|month|year))/.test(container.status)
  )
}

/** State of an instance; `inspection` null where the listing was enough. */
export function stateOf(container: Listed, inspection: Inspection | null, now: number): InstanceState {
  const state = inspection?.state ?? container.state
  const health = inspection?.health ?? healthOfStatus(container.status)
  const ended = inspection && inspection.finishedAt !== null ? inspection.exitCode : null
  const message = inspection?.error ?? (inspection?.outOfMemory ? 'OOMKilled' : null)
  const as = (name: Instance['state'], rest: Partial<InstanceState> = {}): InstanceState => ({
    ...{ state: name, health: 'none', exitCode: ended, message },
    ...rest,
  })
  switch (state) {
    case 'running': {
      const young = inspection?.startedAt != null && now - inspection.startedAt < restartWindow
      if (inspection && inspection.restarts > 0 && young) return as('restarting', { health })
      return as(health === 'starting' ? 'starting' : 'running', { health, exitCode: null, message: null })
    }
    case 'restarting':
      return as('restarting')
    case 'created':
    case 'configured':
    case 'initialized':
      return as(inspection?.error ? 'failed' : 'created', { exitCode: inspection?.exitCode || null })
    case 'removing':
    case 'stopping':
      return as('stopping')
    case 'paused':
      return as('exited', { exitCode: null, message: 'paused' })
    case 'exited':
    case 'stopped':
      return as(inspection && hasFailed(inspection) ? 'failed' : 'exited')
    case 'dead':
      return as('failed')
    default:
      return as('lost', { message: container.status || message })
  }
}

/**
 * Whether an ended container ended by itself in failure. One that would be started again by its policy and was not was
 * stopped; 143 and 137 are what stopping leaves behind.
 */
function hasFailed({ policy, exitCode, outOfMemory, error }: Inspection): boolean {
  if (error || outOfMemory) return true
  if (policy === 'always' || policy === 'unless-stopped') return false
  return ![0, 137, 143].includes(exitCode)
}
