import type {
  ArchivePushRequest,
  CopyRequest,
  DeleteRequest,
  DeleteTagsRequest,
  Job,
  PullRequest,
  PushRequest,
  RestoreRequest,
} from '@shared/job'
import { noProgress } from '@shared/job'

export const digestA = `sha256:${'a'.repeat(64)}`
export const digestB = `sha256:${'b'.repeat(64)}`
export const imageId = `sha256:${'1'.repeat(64)}`

export const pushOf = (change: Partial<PushRequest> = {}): PushRequest => ({
  kind: 'push',
  imageId,
  source: 'nginx:1.25',
  registryId: 'r',
  repository: '727524/nginx',
  tag: 'v1',
  replaces: null,
  ...change,
})

export const pullOf = (change: Partial<PullRequest> = {}): PullRequest => ({
  kind: 'pull',
  registryId: 'r',
  repository: '727524/nginx',
  reference: 'v1',
  platform: null,
  ...change,
})

export const deleteOf = (change: Partial<DeleteRequest> = {}): DeleteRequest => ({
  kind: 'delete',
  registryId: 'r',
  repository: '727524/nginx',
  tag: 'v1',
  digest: digestA,
  siblings: [],
  extent: 'tag',
  ...change,
})

export const archivePushOf = (change: Partial<ArchivePushRequest> = {}): ArchivePushRequest => ({
  kind: 'archive-push',
  path: '/images/app.tar',
  image: 0,
  digest: digestA,
  source: 'app:1',
  registryId: 'r',
  repository: '727524/nginx',
  tag: 'v1',
  replaces: null,
  ...change,
})

export const copyOf = (change: Partial<CopyRequest> = {}): CopyRequest => ({
  kind: 'copy',
  from: { registryId: 'r', repository: 'library/nginx', reference: '1.25' },
  digest: digestA,
  registryId: 'r',
  repository: '727524/nginx',
  tag: 'v1',
  replaces: null,
  removeSource: false,
  ...change,
})

export const deleteTagsOf = (
  tags: DeleteTagsRequest['tags'],
  change: Partial<DeleteTagsRequest> = {},
): DeleteTagsRequest => ({
  kind: 'delete-tags',
  registryId: 'r',
  repository: '727524/nginx',
  tags,
  ...change,
})

export const restoreOf = (change: Partial<RestoreRequest> = {}): RestoreRequest => ({
  kind: 'restore',
  registryId: 'r',
  repository: '727524/nginx',
  tag: 'v1',
  digest: digestA,
  replaces: null,
  ...change,
})

export const jobOf = (change: Partial<Job> = {}): Job => ({
  id: 'job',
  request: pushOf(),
  host: 'registry.example.com',
  state: 'queued',
  progress: noProgress,
  bytesPerSecond: null,
  createdAt: 1,
  startedAt: null,
  endedAt: null,
  attempt: 1,
  error: null,
  result: null,
  revision: 1,
  ...change,
})
