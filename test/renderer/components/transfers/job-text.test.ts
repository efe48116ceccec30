import { describe, expect, it } from 'vitest'
import { noProgress, type RegistryJob, type RegistryRequest } from '@shared/job'
import type { Registry } from '@shared/registry'
import {
  digestInTheWay,
  endsOf,
  filterOf,
  imagePlace,
  mayPause,
  percentOf,
  secondsLeft,
} from '@/components/transfers/job-text'

const digest = `sha256:${'d'.repeat(64)}`
const push: RegistryRequest = {
  kind: 'push',
  imageId: 'sha256:a',
  source: 'nginx:1.25',
  registryId: 'r',
  repository: '727524/nginx',
  tag: 'v1',
  replaces: null,
}
const job = (changes: Partial<RegistryJob> = {}): RegistryJob => ({
  id: 'j',
  request: push,
  host: 'Registry.Example',
  state: 'running',
  progress: noProgress,
  bytesPerSecond: null,
  createdAt: 0,
  startedAt: 0,
  endedAt: null,
  attempt: 1,
  error: null,
  result: null,
  revision: 1,
  ...changes,
})
const registry: Registry = {
  id: 'r',
  name: 'Mine',
  host: 'registry.example',
  protocol: 'https',
  trust: { kind: 'system' },
  preset: 'other',
  publicRole: { namespace: 'library' },
  privateRole: { namespace: '727524' },
  accounts: [],
  activeAccountId: null,
  confirmedRealms: [],
  reachability: 'unknown',
  lastError: null,
}

describe('a job’s text', () => {
  it('names where it comes from and goes to', () => {
    expect(endsOf(job(), null)).toEqual({
      from: 'nginx:1.25',
      to: 'registry.example/727524/nginx:v1',
      way: 'to-registry',
    })
    const pull: RegistryRequest = {
      kind: 'pull',
      registryId: 'r',
      repository: 'library/nginx',
      reference: digest,
      platform: null,
    }
    expect(endsOf(job({ request: pull }), null)).toEqual({
      from: `registry.example/library/nginx@${digest}`,
      to: null,
      way: 'to-engine',
    })
  })

  it('names a copy’s source at its own registry, also when that is gone', () => {
    const copy: RegistryRequest = {
      kind: 'copy',
      from: { registryId: 'other', repository: 'library/nginx', reference: 'v1' },
      digest,
      registryId: 'r',
      repository: '727524/nginx',
      tag: 'v1',
      replaces: null,
      removeSource: false,
    }
    expect(endsOf(job({ request: copy }), 'hub.example').from).toBe('hub.example/library/nginx:v1')
    expect(endsOf(job({ request: copy }), null).from).toBe('?/library/nginx:v1')
    const inside: RegistryRequest = { ...copy, from: { ...copy.from, registryId: 'r' } }
    expect(endsOf(job({ request: inside }), null).from).toBe('registry.example/library/nginx:v1')
  })

  it('offers to pause only what is under way and can go on later', () => {
    const resumable: RegistryRequest = { ...push, kind: 'resumable-push' }
    expect(mayPause(job())).toBe(false)
    expect(mayPause(job({ request: resumable }))).toBe(true)
    expect(mayPause(job({ request: resumable, state: 'queued' }))).toBe(true)
    expect(mayPause(job({ request: resumable, state: 'paused' }))).toBe(false)
  })

  it('counts percents within bounds, and none without a total', () => {
    expect(percentOf({ completed: 5, total: null })).toBeNull()
    expect(percentOf({ completed: 0, total: 0 })).toBe(100)
    expect(percentOf({ completed: 12, total: 10 })).toBe(100)
    expect(percentOf({ completed: 999, total: 1000 })).toBe(99)
  })

  it('tells the time left only while it runs at a known speed', () => {
    const progress = { ...noProgress, completed: 20, total: 120 }
    expect(secondsLeft(job({ progress, bytesPerSecond: 50 }))).toBe(2)
    expect(secondsLeft(job({ progress, bytesPerSecond: 0 }))).toBeNull()
    expect(secondsLeft(job({ progress, bytesPerSecond: 50, state: 'succeeded' }))).toBeNull()
  })

  it('puts an interrupted job with the failed ones, a cancelled one not', () => {
    expect(filterOf(job({ state: 'interrupted' }))).toBe('failed')
    expect(filterOf(job({ state: 'cancelled' }))).toBe('other')
    expect(filterOf(job({ state: 'paused' }))).toBe('active')
  })

  it('does not count the answer that nothing is deleted there as a failure', () => {
    const error = { code: 'DELETE_DISABLED', context: {}, detail: null } as const
    expect(filterOf(job({ state: 'failed', error }))).toBe('other')
    expect(filterOf(job({ state: 'failed', error: { ...error, code: 'DENIED' } }))).toBe('failed')
  })

  it('offers the digest in the way of a failed push only', () => {
    const error = { code: 'TAG_EXISTS', context: { digest }, detail: null } as const
    expect(digestInTheWay(job({ state: 'failed', error }))).toBe(digest)
    expect(digestInTheWay(job({ state: 'running', error: null }))).toBeNull()
    expect(
      digestInTheWay(job({ state: 'failed', error: { code: 'DENIED', context: { digest }, detail: null } })),
    ).toBeNull()
  })

  it('leads to the section in which the image is listed', () => {
    expect(imagePlace(job(), registry)).toBe('/private/r/727524%2Fnginx/v1')
    const shared = { ...push, repository: 'library/nginx' }
    expect(imagePlace(job({ request: shared }), registry)).toBe('/public/r/library%2Fnginx/v1')
    expect(imagePlace(job(), null)).toBeNull()
  })
})
