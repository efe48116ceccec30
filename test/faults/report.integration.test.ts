import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { noCounts } from './experiment'
import { held, Limits, type Sample } from './flat'
import type { Reading } from './gauge'
import { readCommandLine } from './command-line'
import { missingParts } from './parts'
import { outcomeOf, Report } from './report'
import { riseOf, slopeOf } from './trend'

let folder: TemporaryFolder
beforeEach(() => (folder = temporaryFolder('faults-report')))
afterEach(() => folder.remove())

const file = (): string => folder.join('out/report.json')
const written = (): { name: string; ok: boolean; runs: number }[] =>
  (JSON.parse(readFileSync(file(), 'utf8')) as { experiments: ReturnType<typeof written> }).experiments

it('takes nothing for ok that was lost, left behind, not run, or could not be run', () => {
  const counts = { ...noCounts(), runs: 3 }
  expect(outcomeOf('a', 1, { counts })).toMatchObject({ ok: true, runs: 3, seed: 1, reason: null })
  for (const what of ['lost', 'falseSuccess', 'duplicated', 'leaked'] as const)
    expect(outcomeOf('a', 1, { counts: { ...counts, [what]: 1 } })).toMatchObject({ ok: false, [what]: 1 })
  expect(outcomeOf('a', 1, { counts: noCounts() })).toMatchObject({ ok: false, reason: 'no run was made' })
  expect(outcomeOf('a', 1, { reason: 'no engine' })).toMatchObject({ ok: false, reason: 'no engine' })
})

it('names every experiment in the report, keeps what was found earlier where it is told to, and no more', () => {
  const done = (name: string): ReturnType<typeof outcomeOf> =>
    outcomeOf(name, 1, { counts: { ...noCounts(), runs: 1 } })
  new Report(file(), ['a', 'b', 'c'], false).write(done('a'))
  expect(written().map(({ name, ok }) => `${name} ${ok}`)).toEqual(['a true', 'b false', 'c false'])
  new Report(file(), ['a', 'b', 'c'], true).write(done('b'), done('stranger'))
  expect(written().map(({ name, ok }) => `${name} ${ok}`)).toEqual(['a true', 'b true', 'c false'])
  new Report(file(), ['a', 'b', 'c'], false).write()
  expect(written().some(({ ok }) => ok)).toBe(false)
  writeFileSync(file(), '{')
  expect(() => new Report(file(), ['a'], true).write()).not.toThrow()
})

it('refuses a command that makes no sense, and says which parts are missing', () => {
  expect(readCommandLine(['--only', 'a', '--only', 'b', '--report', '--runs', '2'], ['a', 'b'])).toEqual({
    ...{ only: ['a', 'b'], quick: false, seed: 1, runs: 2, lanes: 3, report: true },
  })
  for (const args of [['--only', 'z'], ['--runs', '0'], ['--seed', 'x'], ['--never']])
    expect(() => readCommandLine(args, ['a'])).toThrow()
  expect(missingParts(folder.path, false).join('\n')).toMatch(/docker-registry[^]*not root/)
})

it('sees what rises among what only trembles', () => {
  const points = (rise: number): { at: number; value: number }[] =>
    Array.from({ length: 30 }, (_, n) => ({
      at: n / 60,
      value: 50 + rise * (n / 60) + (n % 7 === 0 ? 9 : 0),
    }))
  expect(slopeOf(points(0))).toBeCloseTo(0)
  expect(slopeOf(points(20))).toBeCloseTo(20, 0)
  expect(riseOf(points(20))).toBeGreaterThan(5)
  expect(slopeOf([])).toBe(0)
})

it('holds every rest against the first one behind the warm-up', () => {
  const sample = (minute: number, change: Partial<Reading> = {}, rows = {}): Sample => {
    const reading = {
      ...{ count: 0, pid: 0, rss: 100e6, heapUsed: 30e6, external: 1e6, warnings: [], names: [] },
      resources: { TCPSocketWrap: 2, PipeWrap: 3 },
      objects: { Socket: 8, Timeout: 20 },
      descriptors: { file: 10, pipe: 9, socket: 5, other: 3, kept: 2, archive: 0 },
    }
    return { at: minute / 60, isIdle: true, reading: { ...reading, ...change }, rows }
  }
  const limits = new Limits(40)
  for (let minute = 1; minute <= 10; minute += 1) expect(limits.add(sample(minute))).toEqual([])
  const { descriptors } = sample(0).reading
  const sockets = { descriptors: { ...descriptors, socket: 6 }, names: ['socket:[1]'] }
  expect(limits.isAtRest(sample(11))).toBe(true)
  expect(held(sample(11, sockets))).toBe(held(sample(11)) + 1)
  expect(limits.add(sample(11, sockets)).join()).toMatch(/6 of kind socket, were 5: socket:\[1\]/)
  expect(limits.add(sample(12, { resources: { TCPSocketWrap: 2, PipeWrap: 4 } }))).toHaveLength(1)
  expect(limits.add(sample(13, { objects: { Socket: 40 } }))).toHaveLength(1)
  expect(limits.add(sample(14, {}, { upload_session: 1, job: 501 }))).toHaveLength(2)
  expect(limits.add(sample(15, { warnings: ['MaxListenersExceededWarning: 11'] }))).toHaveLength(1)
  const kept = { descriptors: { ...descriptors, kept: 4 }, resources: { TCPSocketWrap: 4, PipeWrap: 3 } }
  expect(limits.add(sample(16, kept))).toEqual([])
  const told: string[] = []
  for (let minute = 17; minute <= 40; minute += 1)
    limits.add(sample(minute, { heapUsed: 30e6 + minute * 1e6, rss: 100e6 + minute }))
  const wrong = limits.trends((words) => told.push(words))
  expect(wrong).toHaveLength(1)
  expect(wrong.join()).toMatch(/^heapUsed: 6/)
  expect(told.join()).toMatch(/rss: 0.00/)
})
