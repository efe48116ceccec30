import { describe, expect, it } from 'vitest'
import type { Descriptor, Index, Platform } from '@shared/oci'
import { factOfIndex, representative } from '../../../electron/browse/fact'
import { newestTagOf, summaryCandidates } from '../../../electron/browse/newest'
import { digestOf } from './fake-registry'

const entry = (name: string, platform?: Platform, attests = false): Descriptor => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: digestOf(name),
  size: 1,
  platform,
  annotations: attests ? { 'vnd.docker.reference.type': 'attestation-manifest' } : undefined,
})
const index = (...manifests: Descriptor[]): Index => ({ schemaVersion: 2, manifests })

describe('the entry that stands for an index', () => {
  const amd = entry('amd', { os: 'linux', architecture: 'amd64' })
  const arm = entry('arm', { os: 'linux', architecture: 'arm64' })
  const windows = entry('windows', { os: 'windows', architecture: 'amd64' })
  const attestation = entry('attestation', { os: 'unknown', architecture: 'unknown' }, true)

  it('is linux/amd64 before linux before any other, and never an attestation', () => {
    expect(representative(index(attestation, windows, arm, amd))).toBe(amd)
    expect(representative(index(attestation, windows, arm))).toBe(arm)
    expect(representative(index(attestation, windows))).toBe(windows)
    expect(representative(index(attestation))).toBeNull()
    const bare = entry('bare')
    expect(representative(index(attestation, bare))).toBe(bare)
  })

  it('may be missing: an index of artifacts has no date and no size', () => {
    expect(factOfIndex(index(attestation), null)).toMatchObject({
      kind: 'index',
      created: null,
      size: null,
      platforms: [],
    })
  })
})

describe('the newest tag', () => {
  const tag = (name: string, created: number | null, kind: 'image' | 'artifact' = 'image') => ({
    name,
    created,
    kind,
  })
  const newest = (...tags: ReturnType<typeof tag>[]): string | undefined => newestTagOf(tags)?.name

  it('is that of the latest image', () => {
    expect(newest(tag('2.0', 1), tag('1.0', 2), tag('chart', 9, 'artifact'), tag('3.0', null))).toBe('1.0')
    expect(newest(tag('chart', 9, 'artifact'))).toBeUndefined()
  })

  it('among equals is the highest version, then latest, then any', () => {
    expect(newest(tag('latest', 1), tag('1.9', 1), tag('1.10', 1), tag('1.11-alpine', 1))).toBe('1.10')
    expect(newest(tag('edge', 1), tag('latest', 1), tag('1.0-alpine', 1))).toBe('latest')
    expect(newest(tag('stable', null), tag('edge', null))).toBe('edge')
  })

  it('is looked for among latest and the highest versions', () => {
    expect(summaryCandidates(['1.8', 'latest', '1.10', '1.9', '1.10-alpine'])).toEqual([
      'latest',
      '1.10',
      '1.9',
    ])
    expect(summaryCandidates(['b', 'a'])).toHaveLength(2)
    expect(summaryCandidates([])).toEqual([])
  })
})
