import type { AppError, ErrorCode } from '@shared/error'
import { isSessionGone } from './upload-session'

/** Failures on end without a byte more being held by the registry; with the pauses between them about half a minute. */
export const mostFailures = 8

/** The way broke or the far side stumbled: wait, ask where the session stands, go on from there. */
const passing = new Set<ErrorCode>([
  'CONNECTION_LOST',
  'CONNECTION_REFUSED',
  'TIMED_OUT',
  'HOST_UNKNOWN',
  'PROXY_FAILED',
  'REGISTRY_FAILED',
])

/**
 * What to do about a failed step of an upload: `wait` and ask, `ask` at once, begin `anew`, send `smaller` chunks, send them
 * with their `length` said, or `fail`.
 */
export type Remedy = 'wait' | 'ask' | 'anew' | 'smaller' | 'length' | 'fail'

export interface Step {
  kind: 'start' | 'status' | 'chunk' | 'commit'
  /** The chunk went without its length. */
  open: boolean
}

/** Judges an error of a step by its code and status; one of the source's own is no word about the session. */
export function remedyFor(error: AppError, step: Step, ofSource: boolean): Remedy {
  const { status } = error.context
  if (ofSource) return passing.has(error.code) ? 'wait' : 'fail'
  if (step.kind !== 'start' && isSessionGone(error)) return 'anew'
  if (step.kind === 'commit' && (error.code === 'DIGEST_INVALID' || error.code === 'BLOB_UPLOAD_INVALID')) {
    return 'anew'
  }
  if ((step.kind === 'chunk' || step.kind === 'commit') && status === 413) return 'smaller'
  if (step.kind === 'chunk') {
    // RFC 9110, 15.5.17: what is held there is not what we thought.
    if (status === 416) return 'ask'
    if (step.open && (status === 400 || status === 411 || status === 501)) return 'length'
  }
  return passing.has(error.code) ? 'wait' : 'fail'
}
