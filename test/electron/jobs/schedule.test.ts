import { describe, expect, it } from 'vitest'
import type { Job, JobRequest } from '@shared/job'
import { startable } from '../../../electron/jobs/schedule'
import { archivePushOf, copyOf, deleteOf, deleteTagsOf, digestA, jobOf, pullOf, pushOf } from './samples'

const limits = { perRegistry: 3, engineTransfers: 2 }
const ids = (queued: Job[], running: Job[] = []): string[] =>
  startable(queued, running, limits).map((job) => job.id)
const at = (host: string, request: JobRequest, id: string): Job => jobOf({ id, host, request })

describe('startable', () => {
  it('starts two transfers of the engine at a time, and deletions beside them', () => {
    const queued = [
      at('a', pushOf({ tag: '1' }), 'push 1'),
      at('b', pullOf({ reference: '2' }), 'pull 2'),
      at('c', pushOf({ tag: '3' }), 'push 3'),
      at('c', deleteOf({ tag: '4' }), 'delete 4'),
    ]
    expect(ids(queued)).toEqual(['push 1', 'pull 2', 'delete 4'])
  })

  it('starts at most three jobs at one registry', () => {
    const queued = ['1', '2', '3', '4'].map((tag) => at('a', deleteOf({ tag }), tag))
    expect(ids(queued)).toEqual(['1', '2', '3'])
    expect(ids(queued, [at('a', deleteOf({ tag: '9' }), '9')])).toEqual(['1', '2'])
    expect(ids(queued, [at('b', deleteOf({ tag: '9' }), '9')])).toEqual(['1', '2', '3'])
  })

  it('runs jobs on the same name one after another, in their order', () => {
    const first = at('a', pushOf({ tag: 'v1' }), 'first')
    const second = at('a', pushOf({ tag: 'v1' }), 'second')
    const deletion = at('a', deleteOf({ tag: 'v2', siblings: ['v1'] }), 'deletion')
    expect(ids([second, deletion], [first])).toEqual([])
    expect(ids([second, deletion])).toEqual(['second'])
    expect(ids([deletion])).toEqual(['deletion'])
  })

  it('keeps a copy apart from what writes or takes its source, at whatever registry that is', () => {
    const copy = at('b', copyOf({ registryId: 'other' }), 'copy')
    const source = { registryId: 'r', repository: 'library/nginx' }
    const push = at('a', archivePushOf({ ...source, tag: '1.25' }), 'push')
    const deletion = at('a', deleteTagsOf([{ tag: '1.25', digest: digestA }], source), 'deletion')
    expect(ids([push], [copy])).toEqual([])
    expect(ids([deletion], [copy])).toEqual([])
    expect(ids([at('a', archivePushOf({ ...source, tag: '1.26' }), 'push')], [copy])).toEqual(['push'])
  })

  it('lets what needs no engine run beside what the engine does', () => {
    const running = ['1', '2'].map((tag) => at('a', pushOf({ tag }), tag))
    const resumable = at('b', { ...pushOf({ tag: '3' }), kind: 'resumable-push' }, 'resumable')
    expect(ids([resumable, at('b', archivePushOf({ tag: '4' }), 'archive')], running)).toEqual(['archive'])
  })
})
