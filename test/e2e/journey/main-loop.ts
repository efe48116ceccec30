/** How long the main process stands still: for so long nothing that the window asks is answered. */
import type * as files from 'node:fs'
import type { Journey } from './journey'

/** Times in milliseconds. */
export interface Stall {
  wall: number
  /** Without the time in which it was ready to go on and the machine served others: work, and waiting for the disk. */
  own: number
}

interface Watch {
  timer: NodeJS.Timeout
  /** The longest by its own time. */
  worst: Stall
}

/** Begins to measure anew. */
export async function watchLoop(journey: Journey): Promise<void> {
  await journey.app.evaluate(() => {
    const place = globalThis as unknown as { loop?: Watch }
    clearInterval(place.loop?.timer)
    const { readFileSync } = process.mainModule?.require('node:fs') as typeof files
    const every = 5
    const worst = { wall: 0, own: 0 }
    // The second number of it: nanoseconds for which the main thread waited for a processor (Linux, sched-stats).
    const clocks = (): [number, number] => [
      performance.now(),
      Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e6,
    ]
    let last = clocks()
    const timer = setInterval(() => {
      const now = clocks()
      const wall = now[0] - last[0] - every
      const own = wall - (now[1] - last[1])
      last = now
      if (own > worst.own) Object.assign(worst, { wall: Math.round(wall), own: Math.round(own) })
    }, every)
    place.loop = { timer, worst }
  })
}

/** The longest time since then that it stood still. */
export const longestStall = (journey: Journey): Promise<Stall> =>
  journey.app.evaluate(() => (globalThis as unknown as { loop: Watch }).loop.worst)
