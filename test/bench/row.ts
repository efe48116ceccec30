/** What a measurement is: two sides over the same ground, run in turn. */

/** Both sides of a row, ready to run. Each call is one run and answers its figure in the row's unit. */
export interface Race {
  ours(): Promise<number>
  peer(): Promise<number>
  /** What the report may add in a line of its own, once all runs are done. */
  note?(): string
}

/** What a row started: undone when its race is over or could not begin, the last first. */
export class Ground {
  private readonly undo: (() => unknown)[] = []

  /** Takes a part over and answers it; `end` takes it away. */
  own<T>(part: T, end: (part: T) => unknown): T {
    this.undo.push(() => end(part))
    return part
  }

  async clear(): Promise<void> {
    for (const end of this.undo.splice(0).reverse()) await end()
  }
}

export interface Row {
  name: string
  unit: 'ms' | 'MB'
  what: string
  peerName: string
  /** The largest good value of ours / peer. */
  goal: number
  /** Sets the ground: parts started, content seeded, caches of the system warm for both sides. */
  open(ground: Ground): Promise<Race>
}

/** Runs `work` and answers how long it took, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** A peer that is a figure and not a program. */
export const constant = (value: number) => (): Promise<number> => Promise.resolve(value)

export interface Outcome {
  name: string
  unit: string
  ours: number
  peer: number
  peerName: string
  ratio: number
  goal: number
  ok: boolean
  /** Every run, in the order in which they were done. */
  samples: { ours: number[]; peer: number[] }
  note?: string
}

/** The middle of the values, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  return (
    (percentile(values, 0.5) +
      percentile(
        [...values].map((value) => -value),
        0.5,
      ) *
        -1) /
    2
  )
}

/** The smallest value that `share` (0 to 1) of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const index = Math.max(0, Math.ceil(sorted.length * share) - 1)
  const value = sorted[index]
  if (value === undefined) throw new Error('no values')
  return value
}

const patience = 300_000

/** A run that hangs ends its row, not the bench. */
async function inTime<T>(run: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`a run is not over after ${patience / 1000} s`)), patience)
  })
  try {
    return await Promise.race([run, late])
  } finally {
    clearTimeout(timer)
  }
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** Runs a row: ours, the peer, ours, the peer, `times` of each; `onRun` hears of every pair. */
export async function measure(
  row: Row,
  times: number,
  onRun: (ours: number, peer: number) => void,
): Promise<Outcome> {
  const ground = new Ground()
  try {
    const race = await row.open(ground)
    const samples: Outcome['samples'] = { ours: [], peer: [] }
    for (let run = 0; run < times; run += 1) {
      const ours = await inTime(race.ours())
      const peer = await inTime(race.peer())
      samples.ours.push(round(ours, 2))
      samples.peer.push(round(peer, 2))
      onRun(ours, peer)
    }
    const ours = median(samples.ours)
    const peer = median(samples.peer)
    const ratio = round(ours / peer, 3)
    const note = race.note?.()
    return {
      ...{
        name: row.name,
        unit: row.unit,
        ours: round(ours, 2),
        peer: round(peer, 2),
        peerName: row.peerName,
      },
      ...{ ratio, goal: row.goal, ok: round(ratio, 2) <= row.goal, samples },
      ...(note === undefined ? {} : { note }),
    }
  } finally {
    await ground.clear()
  }
}
