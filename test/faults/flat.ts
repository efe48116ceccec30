/** What a process may hold at rest: always the same, and memory that does not grow. */
import type { Reading } from './gauge'
import { type Point, riseOf, slopeOf } from './trend'

export interface Sample {
  /** Hours since the start. */
  at: number
  /** Taken while nothing was to be done. */
  isIdle: boolean
  reading: Reading
  /** By table. */
  rows: Record<string, number>
}

/** Minutes: everything has been loaded and used once, and caches are as warm as they get. */
const warmUp = (minutes: number): number => (minutes >= 30 ? 10 : 1)
/** An agent keeps so many idle connections to a registry. */
const mostKept = 16
/** Archives stay open for a while for the next look; of exports, which are ours, none does. */
const mostArchives = 20
/** The history of jobs is cut here. */
const mostJobs = 500
/** Tables that are empty while no job runs. */
const emptyAtRest = ['upload_session', 'temporary_reference', 'unindexed']
/** Objects that come with each request, job or stream, and go with it. */
const counted = ['Socket', 'ClientRequest', 'IncomingMessage', 'AbortSignal', 'Timeout'] as const

/** How much a process holds, to find the sample of the deepest rest. */
export const held = ({ reading: { descriptors, resources } }: Sample): number =>
  [...Object.values(descriptors), ...Object.values(resources)].reduce((sum, count) => sum + count, 0)

const MB = 1_000_000
/** Bounds for an hour, behind the warm-up; both the slope and the rise must be beyond for a leak. */
const bounds = { heapUsed: 6 * MB, rss: 60 * MB, external: 6 * MB }

export class Limits {
  readonly samples: Sample[] = []
  private base: Sample | null = null

  constructor(private readonly minutes: number) {}

  /** Adds a sample and says what is wrong with it. */
  add(sample: Sample): string[] {
    this.samples.push(sample)
    if (!sample.isIdle) return []
    const wrong = this.beyond(sample)
    if (this.isBase(sample.at)) this.base = sample
    return [...new Set([...wrong, ...sample.reading.warnings])]
  }

  /**
   * Whether a sample of this hour is the one that all later ones are held against: the first behind the warm-up. It is to be
   * of the deepest rest.
   */
  isBase(hours: number): boolean {
    return this.base === null && hours * 60 >= warmUp(this.minutes)
  }

  /** Whether nothing of the work is left. */
  isAtRest(sample: Sample): boolean {
    return this.beyond(sample).length === 0
  }

  /** Says what rose over all samples behind the warm-up, and tells of all. */
  trends(tell: (words: string) => void): string[] {
    const behind = this.samples.filter(({ isIdle, at }) => isIdle && at * 60 >= warmUp(this.minutes))
    if (this.minutes < 30) tell('too short to speak of a trend of memory')
    const wrong: string[] = []
    for (const [name, bound] of Object.entries(bounds) as [keyof typeof bounds, number][]) {
      const points = behind.map(({ at, reading }): Point => ({ at, value: reading[name] }))
      const [slope, rise] = [slopeOf(points), riseOf(points)]
      const words = `${name}: ${(slope / MB).toFixed(2)} MB an hour, ${(rise / MB).toFixed(2)} MB from the first third to the last`
      tell(words)
      if (this.minutes >= 30 && slope > bound && rise > bound / 2) wrong.push(words)
    }
    for (const name of Object.keys(behind[0]?.reading.objects ?? {})) {
      const points = behind.map(({ at, reading }) => ({ at, value: reading.objects[name] ?? 0 }))
      tell(`${name}: ${slopeOf(points).toFixed(0)} an hour, ${points[0]?.value} to ${points.at(-1)?.value}`)
    }
    return wrong
  }

  private beyond({ reading, rows }: Sample): string[] {
    const { descriptors, resources, objects, names } = reading
    const wrong = emptyAtRest.filter((table) => (rows[table] ?? 0) > 0).map((table) => `rows in ${table}`)
    if (descriptors.kept > 2 * mostKept) wrong.push(`${descriptors.kept} idle connections to registries`)
    if (descriptors.archive > mostArchives) wrong.push(`${descriptors.archive} archives are open`)
    const exports = names.filter((name) => /\/spool\/.*\.tar/.test(name))
    if (exports.length > 0) wrong.push(`open: ${exports.join(' ')}`)
    if ((rows.job ?? 0) > mostJobs) wrong.push(`${rows.job} jobs in the history`)
    if (!this.base) return wrong
    const base = this.base.reading
    for (const kind of ['file', 'pipe', 'socket', 'other'] as const) {
      if (descriptors[kind] <= base.descriptors[kind]) continue
      const more = names.filter((name) => !base.names.includes(name)).join(' ')
      wrong.push(`${descriptors[kind]} of kind ${kind}, were ${base.descriptors[kind]}: ${more}`)
    }
    for (const [kind, count] of Object.entries(resources)) {
      const kept = kind === 'TCPSocketWrap' ? descriptors.kept - base.descriptors.kept : 0
      const were = (base.resources[kind] ?? 0) + kept
      if (count > were) wrong.push(`${count} ${kind}, were ${were}`)
    }
    const more = (kind: 'kept' | 'archive'): number => Math.max(0, descriptors[kind] - base.descriptors[kind])
    for (const kind of counted) {
      // An archive that stays open has a signal and a timer of its own.
      const count = (objects[kind] ?? 0) - 2 * more('kept') - more('archive')
      const were = base.objects[kind] ?? 0
      if (count > were + slack(kind)) wrong.push(`${count} objects ${kind}, were ${were}`)
    }
    return wrong
  }
}

/** Timers that repeat are made anew now and then, and the last answer may hang on in a variable. */
const slack = (kind: (typeof counted)[number]): number => (kind === 'Timeout' ? 10 : 4)
