import { z } from 'zod'
import { DeploymentSpec } from './deployment'
import { ErrorInfo } from './error'
import { isDigest, isRepository, isTag } from './reference'
import { DeployReason } from './running'

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

/**
 * Push one image of an archive on disk (`docker save` tar, gzip or zstd of it, OCI layout as folder or tar) without an engine.
 * `image` counts the archive's images from 0. `digest` pins what was listed: the root's digest, or the config's for a `docker
 * save` image; an archive that changed since is ARCHIVE_CHANGED.
 */
export const ArchivePushRequest = z.object({
  kind: z.literal('archive-push'),
  path: z.string().min(1).max(4096),
  image: z.number().int().min(0).max(10_000),
  digest: Digest,
  /** The name by which the user knows the image, for display only. */
  source: z.string().max(1000),
  registryId: z.string(),
  repository: Repository,
  tag: Tag,
  replaces: Digest.nullable(),
})

/**
 * The engine's export of a local image sent like an archive: pausable and resumable. Otherwise as `push`.
 */
export const ResumablePushRequest = PushRequest.extend({ kind: z.literal('resumable-push') })

/**
 * Copy a tag or digest to a tag: within a registry by mounting blobs, between registries by streaming; an index with all its
 * platforms, and its referrers, digests unchanged. `removeSource`: the source tag goes afterwards (rename).
 */
export const CopyRequest = z.object({
  kind: z.literal('copy'),
  from: z.object({ registryId: z.string(), repository: Repository, reference: z.union([Tag, Digest]) }),
  /** What the reference named when the user saw it; TAG_CHANGED when it does not any more. */
  digest: Digest,
  registryId: z.string(),
  repository: Repository,
  tag: Tag,
  replaces: Digest.nullable(),
  removeSource: z.boolean(),
})

/** Delete several tags of a repository. A tag outside the list that shares a digest stays, always. */
export const DeleteTagsRequest = z.object({
  kind: z.literal('delete-tags'),
  registryId: z.string(),
  repository: Repository,
  tags: z
    .array(z.object({ tag: Tag, digest: Digest }))
    .min(1)
    .max(20_000),
})

/** Put a deleted tag back from the manifest that was kept; BLOB_UNKNOWN where the registry has let go of the content. */
export const RestoreRequest = z.object({
  kind: z.literal('restore'),
  registryId: z.string(),
  repository: Repository,
  tag: Tag,
  digest: Digest,
  replaces: Digest.nullable(),
})

/**
 * Bring a deployment to `spec`: a new one, or the next version of one that is there. `baseVersion` is the version that the user
 * saw; DEPLOYMENT_CHANGED when another runs by then. Null for a new one. Secret values are in the keychain, never here.
 */
export const DeployRequest = z.object({
  kind: z.literal('deploy'),
  poolId: z.string().min(1).max(200),
  deploymentId: z.string().min(1).max(200),
  spec: DeploymentSpec,
  reason: DeployReason,
  baseVersion: z.number().int().min(1).nullable(),
})
export type DeployRequest = z.infer<typeof DeployRequest>

/** Stop (no instances run), start, restart or remove a deployment, or restart or remove one instance of it. */
export const DeploymentActionRequest = z.object({
  kind: z.literal('deployment-action'),
  poolId: z.string().min(1).max(200),
  deploymentId: z.string().min(1).max(200),
  /** Its name, for display only. */
  name: z.string().max(200),
  action: z.enum(['stop', 'start', 'restart', 'remove', 'restart-instance', 'remove-instance']),
  /** For the instance actions. */
  instanceId: z.string().max(200).nullable(),
  /** With `remove`: its named volumes go too. */
  volumes: z.boolean(),
})
export type DeploymentActionRequest = z.infer<typeof DeploymentActionRequest>

export const JobRequest = z.discriminatedUnion('kind', [
  PushRequest,
  PullRequest,
  DeleteRequest,
  ArchivePushRequest,
  ResumablePushRequest,
  CopyRequest,
  DeleteTagsRequest,
  RestoreRequest,
  DeployRequest,
  DeploymentActionRequest,
])
export type JobRequest = z.infer<typeof JobRequest>
export type ArchivePushRequest = z.infer<typeof ArchivePushRequest>
export type ResumablePushRequest = z.infer<typeof ResumablePushRequest>
export type CopyRequest = z.infer<typeof CopyRequest>
export type DeleteTagsRequest = z.infer<typeof DeleteTagsRequest>
export type RestoreRequest = z.infer<typeof RestoreRequest>

/** Kinds that can be paused, and go on after a cut, a restart or the program's death from where the registry stands. */
export const resumableKinds: readonly JobRequest['kind'][] = ['archive-push', 'resumable-push', 'copy']
export type PushRequest = z.infer<typeof PushRequest>
export type PullRequest = z.infer<typeof PullRequest>
export type DeleteRequest = z.infer<typeof DeleteRequest>
export type JobKind = JobRequest['kind']

/** Jobs on a pool; all others are on a registry. */
export type PoolRequest = DeployRequest | DeploymentActionRequest
export type RegistryRequest = Exclude<JobRequest, PoolRequest>
export const isPoolRequest = (request: JobRequest): request is PoolRequest =>
  request.kind === 'deploy' || request.kind === 'deployment-action'

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
  'exporting',
  'reading',
  'pushing',
  'copying',
  'pulling',
  'extracting',
  'verifying',
  'deleting',
  'creating',
  'starting',
  'health',
  'reaching',
  'switching',
  'stopping',
  'removing',
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
  /** What was deployed, and where it answers; absent for other jobs. */
  deployment: z.object({ poolId: z.string(), id: z.string(), url: z.string().nullable() }).nullish(),
})
export type JobResult = z.infer<typeof JobResult>

export const Job = z.object({
  id: z.string(),
  request: JobRequest,
  /** Host of the registry, or name of the pool, at the time of the request: history reads on after it is removed. */
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

/** A job on a registry, and one on a pool. */
export type RegistryJob = Job & { request: RegistryRequest }
export type PoolJob = Job & { request: PoolRequest }
export const isPoolJob = (job: Job): job is PoolJob => isPoolRequest(job.request)
export const isRegistryJob = (job: Job): job is RegistryJob => !isPoolRequest(job.request)

export const endedStates: readonly JobState[] = ['succeeded', 'failed', 'cancelled', 'interrupted']
export const isEnded = (state: JobState): boolean => endedStates.includes(state)

export const noProgress: Progress = { phase: 'waiting', completed: 0, total: null, parts: [] }
