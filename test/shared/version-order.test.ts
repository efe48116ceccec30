import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareVersions, isPlainVersion, newestVersionFirst } from '@shared/version-order'
import { ownTime } from '../support/own-time'

const sorted = (...tags: string[]): string[] => newestVersionFirst(tags, (tag) => tag)

describe('compareVersions', () => {
  it.each([
    ['1.10', '1.9'],
    ['v2.0.0', 'v2.0.0-rc.1'],
    ['2.0.0-rc.2', '2.0.0-rc.1'],
    ['2.0.0-rc.10', '2.0.0-rc.9'],
    ['2.0.0-rc.1', '2.0.0-beta.4'],
    ['2.0.0-rc.1', '1.9.9'],
    ['1.0', '1.0rc1'],
    ['1.27.3', '1.27'],
    ['1.27', '1'],
    ['v1.2.1', '1.2.0'],
    ['20240102', '20231231'],
    ['1.25.3-1', '1.25.3'],
    ['99999999999999999999999', '99999999999999999999998'],
    ['latest', '999'],
    ['1.0', '2.0-alpine'],
    ['1.0-alpine', 'edge'],
    ['1.9-alpine3.20', '1.9-alpine3.9'],
    ['1.10-slim', '1.9-slim'],
  ])('%s is newer than %s', (newer, older) => {
    expect(compareVersions(newer, older)).toBeGreaterThan(0)
    expect(compareVersions(older, newer)).toBeLessThan(0)
  })

  it('puts variants in groups after the plain versions, and names last', () => {
    expect(
      sorted(
        'stable',
        '1.26-slim',
        '1.27-alpine',
        '1.27',
        'latest',
        '1.26-alpine',
        '1.28-rc1',
        '1.27-slim',
        'edge',
      ),
    ).toEqual([
      'latest',
      '1.28-rc1',
      '1.27',
      '1.27-alpine',
      '1.26-alpine',
      '1.27-slim',
      '1.26-slim',
      'edge',
      'stable',
    ])
  })

  it('takes a commit hash for a name, not for a version', () => {
    expect(isPlainVersion('7f3e9ab')).toBe(false)
    expect(isPlainVersion('20240101')).toBe(true)
    expect(isPlainVersion('v1.2.3-rc.1')).toBe(true)
    expect(isPlainVersion('1.2-alpine')).toBe(false)
    expect(sorted('7f3e9ab', '1.0')).toEqual(['1.0', '7f3e9ab'])
  })

  it('is a total order over any tags', () => {
    const tag = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,12}$/),
      fc.stringMatching(/^v?[0-9]{1,2}(\.[0-9]{1,2}){0,2}(-(rc|beta|alpine|a|1)(\.?[0-9])?){0,2}$/),
    )
    fc.assert(
      fc.property(tag, tag, tag, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0)
        if (a !== b) expect(compareVersions(a, b)).not.toBe(0)
        if (compareVersions(a, b) < 0 && compareVersions(b, c) < 0)
          expect(compareVersions(a, c)).toBeLessThan(0)
      }),
    )
  })

  it('sorts five thousand tags in a blink', () => {
    const tags = Array.from(
      { length: 5000 },
      (_, index) => `1.${index % 70}.${index}${index % 3 ? '' : '-alpine'}`,
    )
    const begun = ownTime()
    expect(newestVersionFirst(tags, (name) => name)).toHaveLength(5000)
    expect(ownTime() - begun).toBeLessThan(1000)
  })
})
