import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyCleanup, globsOf, matchesGlob, type CleanupRule, type CleanupTag } from '@shared/cleanup'
import { ownTime } from '../support/own-time'

const day = 86_400_000
const now = Date.UTC(2026, 5, 1)
const tag = (name: string, age: number | null, digest: string | null = `sha256:${name}`): CleanupTag => ({
  name,
  digest,
  created: age === null ? null : now - age * day,
})
const rule = (changes: Partial<CleanupRule> = {}): CleanupRule => ({
  keepNewest: 0,
  keepDays: null,
  patterns: [],
  protect: [],
  ...changes,
})
const going = (tags: CleanupTag[], changes: Partial<CleanupRule>): string[] =>
  applyCleanup(tags, rule(changes), now).going.map((one) => one.name)
const reasons = (tags: CleanupTag[], changes: Partial<CleanupRule>): Record<string, string> =>
  Object.fromEntries(applyCleanup(tags, rule(changes), now).staying.map((one) => [one.tag.name, one.reason]))

describe('a clean-up rule', () => {
  const tags = [tag('1.0', 400), tag('1.1', 100), tag('1.2', 20), tag('1.3', 2)]

  it('keeps the newest and takes the rest, newest first', () => {
    expect(going(tags, { keepNewest: 1 })).toEqual(['1.2', '1.1', '1.0'])
    expect(going(tags, { keepNewest: 9 })).toEqual([])
  })

  it('keeps what is young even beyond the newest', () => {
    expect(going(tags, { keepNewest: 1, keepDays: 30 })).toEqual(['1.1', '1.0'])
    expect(reasons(tags, { keepNewest: 1, keepDays: 30 })).toEqual({ '1.3': 'newest', '1.2': 'recent' })
  })

  it('counts several tags of one image once, and keeps them together', () => {
    const shared = [tag('latest', 1, 'sha256:a'), tag('1.3', 1, 'sha256:a'), ...tags.slice(0, 3)]
    expect(going(shared, { keepNewest: 2 })).toEqual(['1.1', '1.0'])
    expect(reasons(shared, { keepNewest: 2 })).toMatchObject({ latest: 'newest', '1.3': 'newest' })
  })

  it('is about the tags of its patterns alone, and counts the newest among them', () => {
    const mixed = [tag('dev-3', 1), tag('dev-2', 2), tag('dev-1', 3), tag('2.0', 500)]
    expect(going(mixed, { keepNewest: 1, patterns: ['dev-*'] })).toEqual(['dev-2', 'dev-1'])
    expect(reasons(mixed, { patterns: ['dev-*'] })).toEqual({ '2.0': 'unmatched' })
  })

  it('leaves protected tags alone whatever else it says', () => {
    expect(going(tags, { protect: ['1.0', '1.?'] })).toEqual([])
  })

  it('never takes what cannot be dated: not read, without a date, or with the date of a repeatable build', () => {
    const odd = [tag('unread', null, null), tag('undated', null), { ...tag('epoch', 0), created: 0 }]
    expect(going(odd, {})).toEqual([])
    expect(reasons(odd, {})).toEqual({ unread: 'unread', undated: 'undated', epoch: 'undated' })
  })

  it('loses no tag and keeps at least the newest images that there are', () => {
    const many = fc.array(
      fc.record({ name: fc.string({ minLength: 1 }), age: fc.nat(999), image: fc.nat(5) }),
    )
    fc.assert(
      fc.property(many, fc.nat(8), (list, keepNewest) => {
        const all = list.map(({ name, age, image }) => tag(name, age, `sha256:${image}`))
        const parted = applyCleanup(all, rule({ keepNewest }), now)
        expect(parted.going.length + parted.staying.length).toBe(all.length)
        const images = new Set(all.map((one) => one.digest)).size
        const kept = new Set(parted.staying.map((one) => one.tag.digest)).size
        expect(kept).toBe(Math.min(keepNewest, images))
      }),
    )
  })

  it('parts 20,000 tags in no time that a user would notice', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => tag(`1.${index}`, index % 900))
    const begun = ownTime()
    applyCleanup(many, rule({ keepNewest: 5, keepDays: 30, protect: ['latest', '*-rc*'] }), now)
    expect(ownTime() - begun).toBeLessThan(1000)
  })
})

describe('globs', () => {
  it.each([
    ['v1.2', 'v*', true],
    ['v1.2', 'v?.?', true],
    ['v1.2', 'v?', false],
    ['1.2-rc1', '*-rc*', true],
    ['latest', 'LATEST', false],
    ['a.b', 'a?b', true],
    ['a+b', 'a.b', false],
    ['', '*', true],
  ])('%s against %s: %s', (text, glob, matches) => expect(matchesGlob(text, glob)).toBe(matches))

  it('takes no time with many stars', () => {
    const begun = ownTime()
    expect(matchesGlob('a'.repeat(128), `${'*a'.repeat(40)}b`)).toBe(false)
    expect(ownTime() - begun).toBeLessThan(500)
  })

  it('are parted by commas of both kinds and white space', () => {
    expect(globsOf(' latest, v1*，stable\n')).toEqual(['latest', 'v1*', 'stable'])
    expect(globsOf('  ')).toEqual([])
  })
})
