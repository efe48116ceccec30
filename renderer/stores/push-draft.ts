/** A push as it is being written in the composer: pure functions from drafts to targets, problems and requests. */
import type { LocalImage } from '@shared/engine'
import type { ErrorInfo } from '@shared/error'
import type { PushRequest } from '@shared/job'
import type { PushPlan, PushPlanRequest } from '@shared/plan'
import { parseReference, shortDigest } from '@shared/reference'
import {
  type TargetIssue,
  type TargetName,
  checkTarget,
  formatTarget,
  proposeTarget,
  splitOwnbase,
  targetRepository,
} from '@shared/target-name'

export interface PushDraft {
  /** The image's ID: an image is in the composer once. */
  key: string
  image: LocalImage
  /** The name under which the image was taken, or null where it has none. */
  reference: string | null
  registryId: string
  target: TargetName
  /** The digest of an existing tag that the user agreed to cover. */
  agreed: string | null
}

/** What is known about a draft's plan; `request` says for which target it was asked. */
export type PlanState =
  | { state: 'none' }
  | { state: 'asking'; request: PushPlanRequest }
  | { state: 'ready'; request: PushPlanRequest; plan: PushPlan }
  | { state: 'failed'; request: PushPlanRequest; error: ErrorInfo }

/** Where a push was aimed when the composer was opened. */
export interface PushAim {
  registryId: string
  namespace?: string | null
  /** Whole repository, `727524/nginx`; without it the image's own name is proposed. */
  repository?: string | null
}

/** Splits a repository at its namespace: `727524/jdk8_ownbase` becomes tenant, name and the base image switch. */
export function splitRepository(
  repository: string,
  namespace: string,
): Pick<TargetName, 'tenant' | 'imageName' | 'ownbase'> {
  const inside = namespace !== '' && repository.startsWith(`${namespace}/`)
  const at = inside ? namespace.length : repository.lastIndexOf('/')
  const tenant = at < 0 ? '' : repository.slice(0, at)
  return { tenant, ...splitOwnbase(repository.slice(at + 1)) }
}

/** The draft for an image: its own name and tag, into the aim's namespace or onto the aim's repository. */
export function makeDraft(
  image: LocalImage,
  reference: string | null,
  aim: { registryId: string; host: string; namespace: string; repository: string | null },
): PushDraft {
  const proposed = proposeTarget(reference, aim.host, aim.namespace)
  const target =
    aim.repository === null ? proposed : { ...proposed, ...splitRepository(aim.repository, aim.namespace) }
  return { key: image.id, image, reference, registryId: aim.registryId, target, agreed: null }
}

/** How the image is called where it came from: its name, or its short ID. */
export const sourceName = (draft: Pick<PushDraft, 'image' | 'reference'>): string =>
  draft.reference ?? shortDigest(draft.image.id)

/** What the plan is asked for, or null while the target is not a valid name. */
export function planRequest(draft: PushDraft): PushPlanRequest | null {
  if (draft.registryId === '' || checkTarget(draft.target).length > 0) return null
  return {
    imageId: draft.image.id,
    registryId: draft.registryId,
    repository: targetRepository(draft.target),
    tag: draft.target.tag,
  }
}

/** One line that two drafts share exactly when they would write the same tag. */
export const targetKey = (draft: PushDraft): string => `${draft.registryId} ${formatTarget(draft.target)}`

/** Whether a plan answers this draft as it is now. */
export function planMatches(state: PlanState, draft: PushDraft): boolean {
  const request = planRequest(draft)
  return (
    state.state !== 'none' &&
    request !== null &&
    state.request.imageId === request.imageId &&
    state.request.registryId === request.registryId &&
    state.request.repository === request.repository &&
    state.request.tag === request.tag
  )
}

/** Whether covering the existing tag still wants the user's word: another image is there, and its digest was not agreed. */
export function needsAgreement(state: PlanState, draft: PushDraft): boolean {
  if (state.state !== 'ready' || state.plan.existing === null || state.plan.same) return false
  return draft.agreed !== state.plan.existing.digest
}

export interface DraftProblems {
  issues: TargetIssue[]
  /** Another draft has the same target. */
  duplicate: boolean
  noRegistry: boolean
  /** The plan is not there yet. */
  asking: boolean
  needsAgreement: boolean
}

/** Everything that keeps a draft from being started. */
export function draftProblems(draft: PushDraft, all: readonly PushDraft[], state: PlanState): DraftProblems {
  const issues = checkTarget(draft.target)
  const key = targetKey(draft)
  return {
    issues,
    duplicate: issues.length === 0 && all.some((other) => other !== draft && targetKey(other) === key),
    noRegistry: draft.registryId === '',
    asking: issues.length === 0 && (state.state === 'asking' || !planMatches(state, draft)),
    needsAgreement: needsAgreement(state, draft),
  }
}

export const isStartable = (problems: DraftProblems): boolean =>
  problems.issues.length === 0 &&
  !problems.duplicate &&
  !problems.noRegistry &&
  !problems.asking &&
  !problems.needsAgreement

/** The job for a draft. The very image that a tag names already may be pushed again: its digest counts as agreed. */
export function pushRequest(draft: PushDraft, state: PlanState): PushRequest {
  const existing = state.state === 'ready' ? state.plan.existing : null
  const covers =
    existing !== null &&
    (state.state === 'ready' && state.plan.same ? true : draft.agreed === existing.digest)
  return {
    kind: 'push',
    imageId: draft.image.id,
    source: sourceName(draft),
    registryId: draft.registryId,
    repository: targetRepository(draft.target),
    tag: draft.target.tag,
    replaces: covers && existing !== null ? existing.digest : null,
  }
}

/**
 * What was typed or pasted into the name field, taken apart: `jdk8_ownbase` turns the switch on, `nginx:v2` sets the
 * tag, and a whole reference of this registry sets tenant, name and tag. Other text stays as it is, to be judged.
 */
export function applyName(target: TargetName, text: string): TargetName {
  const typed = text.trim()
  const withHost = typed.startsWith(`${target.host}/`) ? parseReference(typed) : null
  if (withHost) {
    const split = splitRepository(withHost.repository, target.tenant)
    return { ...target, ...split, tag: withHost.tag ?? target.tag }
  }
  const tagged = /^([^:@]+):([A-Za-z0-9_][A-Za-z0-9._-]{0,127})$/.exec(typed)
  const name = tagged?.[1] ?? typed
  const inTenant = target.tenant !== '' && name.startsWith(`${target.tenant}/`)
  const split = splitOwnbase(inTenant ? name.slice(target.tenant.length + 1) : name)
  return {
    ...target,
    imageName: split.imageName,
    ownbase: split.ownbase || target.ownbase,
    tag: tagged?.[2] ?? target.tag,
  }
}
