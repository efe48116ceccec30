/** A push or copy as it is being written in the composer: pure functions from drafts to targets, problems and requests. */
import type { JobRequest } from '@shared/job'
import { canonicalHost, isDigest, parseReference } from '@shared/reference'
import {
  type TargetIssue,
  type TargetName,
  checkTarget,
  ownbaseSuffix,
  splitOwnbase,
  targetRepository,
} from '@shared/target-name'
import { type PlanQuestion, type PlanState, sameQuestion } from './draft-plan'
import { type DraftSource, jobSource, proposeFor, sourceKey } from './draft-source'

/** A push; or a copy to anywhere, of one tag beside another, or in the place of another. */
export type DraftMode = 'push' | 'copy' | 'retag' | 'rename'

export interface PushDraft {
  key: string
  source: DraftSource
  mode: DraftMode
  registryId: string
  target: TargetName
  /** The digest of an existing tag that the user agreed to cover. */
  agreed: string | null
}

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

/** The draft for a source: its own name and tag, into the aim's namespace or onto the aim's repository. */
export function makeDraft(
  source: DraftSource,
  aim: { registryId: string; host: string; namespace: string; repository: string | null },
  mode: DraftMode = 'push',
): PushDraft {
  const proposed = proposeFor(source, aim.host, aim.namespace)
  const target =
    aim.repository === null ? proposed : { ...proposed, ...splitRepository(aim.repository, aim.namespace) }
  return { key: sourceKey(source), source, mode, registryId: aim.registryId, target, agreed: null }
}

/** The repository that a draft goes to; some registries have repositories without a namespace. */
export const draftRepository = ({ target }: Pick<PushDraft, 'target'>): string =>
  target.tenant === ''
    ? `${target.imageName}${target.ownbase ? ownbaseSuffix : ''}`
    : targetRepository(target)

/** What is wrong with a draft's names. What is copied may go to a repository without a namespace. */
export function draftIssues({ mode, target }: Pick<PushDraft, 'mode' | 'target'>): TargetIssue[] {
  const issues = checkTarget(target)
  return mode === 'push'
    ? issues
    : issues.filter(({ field, problem }) => field !== 'tenant' || problem !== 'empty')
}

/** What main is asked, or null while the target is not a valid name. */
export function planQuestion(draft: PushDraft): PlanQuestion | null {
  const { source, registryId, target } = draft
  if (registryId === '' || isItself(draft) || draftIssues(draft).length > 0) return null
  const to = { registryId, repository: draftRepository(draft), tag: target.tag }
  switch (source.kind) {
    case 'image':
      return { call: 'push:plan', input: { imageId: source.image.id, ...to } }
    case 'archive':
      return { call: 'archive:plan', input: { path: source.path, image: source.image.image, ...to } }
    case 'tag': {
      const { registryId: id, repository, reference } = source
      return { call: 'copy:plan', input: { from: { registryId: id, repository, reference }, ...to } }
    }
  }
}

/** One line that two drafts share exactly when they would write the same tag. */
export const targetKey = (draft: PushDraft): string =>
  `${draft.registryId} ${canonicalHost(draft.target.host)}/${draftRepository(draft)}:${draft.target.tag}`

/** Whether a copy would go where it comes from. */
export function isItself(draft: PushDraft): boolean {
  const { source, registryId, target } = draft
  return (
    source.kind === 'tag' &&
    source.registryId === registryId &&
    source.repository === draftRepository(draft) &&
    source.reference === target.tag
  )
}

/** Whether a plan answers this draft as it is now. */
export function planMatches(state: PlanState, draft: PushDraft): boolean {
  const question = planQuestion(draft)
  return state.state !== 'none' && question !== null && sameQuestion(state.question, question)
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
  /** The copy would go where it comes from. */
  itself: boolean
  noRegistry: boolean
  /** The plan is not there yet. */
  asking: boolean
  /** A copy whose source could not be read: there is nothing to copy. */
  unread: boolean
  needsAgreement: boolean
}

/** Everything that keeps a draft from being started. */
export function draftProblems(draft: PushDraft, all: readonly PushDraft[], state: PlanState): DraftProblems {
  const issues = draftIssues(draft)
  const itself = isItself(draft)
  const key = targetKey(draft)
  const asking = issues.length === 0 && !itself && (state.state === 'asking' || !planMatches(state, draft))
  return {
    issues,
    duplicate: issues.length === 0 && all.some((other) => other !== draft && targetKey(other) === key),
    itself,
    noRegistry: draft.registryId === '',
    asking,
    unread: !asking && issues.length === 0 && !itself && copiedDigest(draft, state) === '',
    needsAgreement: needsAgreement(state, draft),
  }
}

export const isStartable = (problems: DraftProblems): boolean =>
  problems.issues.length === 0 &&
  !problems.duplicate &&
  !problems.itself &&
  !problems.noRegistry &&
  !problems.asking &&
  !problems.unread &&
  !problems.needsAgreement

/** What a copy copies: the digest that its plan was made for. '' where that is not known, null for what is no copy. */
function copiedDigest({ source }: PushDraft, state: PlanState): string | null {
  if (source.kind !== 'tag') return null
  if (isDigest(source.reference)) return source.reference
  return (state.state === 'ready' && state.plan.digest) || ''
}

/** The job for a draft. The very image that a tag names already may be pushed again: its digest counts as agreed. */
export function draftRequest(draft: PushDraft, state: PlanState): JobRequest {
  const existing = state.state === 'ready' ? state.plan.existing : null
  const covers =
    existing !== null &&
    (state.state === 'ready' && state.plan.same ? true : draft.agreed === existing.digest)
  const { source, registryId } = draft
  const to = {
    registryId,
    repository: draftRepository(draft),
    tag: draft.target.tag,
    replaces: covers && existing !== null ? existing.digest : null,
  }
  switch (source.kind) {
    case 'image': {
      const kind = source.resumable ? 'resumable-push' : 'push'
      return { kind, imageId: source.image.id, source: jobSource(source), ...to }
    }
    case 'archive': {
      const { path, image } = source
      const from = { path, image: image.image, digest: image.digest, source: jobSource(source) }
      return { kind: 'archive-push', ...from, ...to }
    }
    case 'tag': {
      const { registryId: id, repository, reference } = source
      return {
        kind: 'copy',
        from: { registryId: id, repository, reference },
        digest: copiedDigest(draft, state) ?? '',
        ...to,
        removeSource: draft.mode === 'rename',
      }
    }
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
