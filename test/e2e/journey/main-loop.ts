/** How long the main process stands still: for so long nothing that the window asks is answered. */
import type { Journey } from './journey'

/** Times in milliseconds. Where `busy` is far below `wall`, the machine had others to serve. */
export interface Stall {
  wall: number
  /** Processor time that the whole process took meanwhile. */
  busy: number
}

const pace = 5

/** Begins to measure anew. */
export async function watchLoop(journey: Journey): Promise<void> {
  await journey.app.evaluate((_electron, every) => {
    const place = globalThis as unknown as { loop?: { timer: NodeJS.Timeout; worst: Stall } }
    clearInterval(place.loop?.timer)
    const worst = { wall: 0, busy: 0 }
    let last = performance.now()
    let used = process.cpuUsage()
    const timer = setInterval(() => {
      const now = performance.now()
      const { user, system } = process.cpuUsage(used)
      if (now - last - every > worst.wall) {
        worst.wall = Math.round(now - last - every)
        worst.busy = Math.round((user + system) / 1000)
      }
      last = now
      used = process.cpuUsage()
    }, every)
    place.loop = { timer, worst }
  }, pace)
}

/** The longest time since then that it stood still. */
export const longestStall = (journey: Journey): Promise<Stall> =>
  journey.app.evaluate(() => {
    const { loop } = globalThis as unknown as { loop: { worst: Stall } }
    return loop.worst
  })
