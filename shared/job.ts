import { z } from 'zod'
import { ErrorInfo } from './error'
import { isDigest, isRepository, isTag } from './reference'

const Repository = z.string().refine(isRepository, 'repository')
const Tag = z.string().refine(isTag, 'tag')
const Digest = z.string().refine(isDigest, 'digest')

/** Push a local image of the engine to a tag. `replaces` is the digest that the user agreed to cover, or null. */
export const PushRequest = z.object({
  kind: z.literal('push'),
  imageId: z.string().min(1).max(200),
  /** The name by which the user knows the image, for display only. */
  source: z.string().max(1000),
  registryId: z.string(),
  repository: Repository,
  tag: Tag,
  replaces: Digest.nullable(),
})

/** Pull a tag or a digest into the engine. `platform` as `linux/arm64`, null for the engine's own. */
export const PullRequest = z.object({
  kind: z.literal('pull'),
  registryId: z.string(),
  repository: Repository,
  reference: z.union([Tag, Digest]),
  platform: z.string().max(100).nullable(),
})

/**
 * Delete one tag, or the manifest with every tag that shares it. `siblings` are the other tags that the user was shown;
 * when the registry has others by then, the job fails with TAG_CHANGED and takes nothing.
 */
export const DeleteRequest = z.object({
  kind: z.literal('delete'),
  registryId: z.string(),
  repository: Repository,
  tag: Tag,
  digest: Digest,
  siblings: z.array(Tag),
  /** `tag`: only this tag goes, siblings stay. `manifest`: the manifest and all its tags go. */
  extent: z.enum(['tag', 'manifest']),
})

export const JobRequest = z.discriminatedUnion('kind', [PushRequest, PullRequest, DeleteRequest])
export type JobRequest = z.infer<typeof JobRequest>
export type PushRequest = z.infer<typeof PushRequest>
export type PullRequest = z.infer<typeof PullRequest>
export type DeleteRequest = z.infer<typeof DeleteRequest>
export type JobKind = JobRequest['kind']

export const JobState = z.enum([
  'queued',
  'running',
  'paused',
  'succeeded',
  'failed',
  'cancelled',
  'interrupted',
])
export type JobState = z.infer<typeof JobState>

export const Phase = z.enum([
  'waiting',
  'preparing',
  'tagging',
  'pushing',
  'pulling',
  'extracting',
  'verifying',
  'deleting',
  'cleaning',
  'done',
])
export type Phase = z.infer<typeof Phase>

/** One layer of a transfer. `exists` and `mounted` count as complete: nothing had to be sent. Sizes in bytes. */
export const Part = z.object({
  id: z.string(),
  state: z.enum(['waiting', 'active', 'extracting', 'retrying', 'exists', 'mounted', 'done', 'failed']),
  completed: z.number(),
  total: z.number().nullable(),
})
export type Part = z.infer<typeof Part>

/** How far a job is, in bytes. `total` is null while it is not known; numbers may go down when a part is retried. */
export const Progress = z.object({
  phase: Phase,
  completed: z.number(),
  total: z.number().nullable(),
  parts: z.array(Part),
})
export type Progress = z.infer<typeof Progress>

export const JobResult = z.object({
  digest: z.string().nullable(),
  /** What was pushed, pulled or deleted, in full. */
  references: z.array(z.string()),
})
export type JobResult = z.infer<typeof JobResult>

export const Job = z.object({
  id: z.string(),
  request: JobRequest,
  /** Host of the registry at the time of the request, so that history reads on after the registry is removed. */
  host: z.string(),
  state: JobState,
  progress: Progress,
  /** Mean over the last seconds; null while nothing is known. */
  bytesPerSecond: z.number().nullable(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  attempt: z.number(),
  error: ErrorInfo.nullable(),
  result: JobResult.nullable(),
  /** Grows with every snapshot of this job; a store drops a snapshot that is older than the one it has. */
  revision: z.number(),
})
export type Job = z.infer<typeof Job>

export const endedStates: readonly JobState[] = ['succeeded', 'failed', 'cancelled', 'interrupted']
export const isEnded = (state: JobState): boolean => endedStates.includes(state)

export const noProgress: Progress = { phase: 'waiting', completed: 0, total: null, parts: [] }
