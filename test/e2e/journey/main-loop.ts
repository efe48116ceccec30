/** How long the main process stands still: for so long nothing that the window asks is answered. */
import type { IntervalHistogram } from 'node:perf_hooks'
import type { Journey } from './journey'

/** Begins to measure anew. */
export async function watchLoop(journey: Journey): Promise<void> {
  await journey.app.evaluate(() => {
    const { monitorEventLoopDelay } = process.mainModule?.require(
      'node:perf_hooks',
    ) as typeof import('node:perf_hooks')
    const place = globalThis as unknown as { loop?: IntervalHistogram }
    place.loop?.disable()
    place.loop = monitorEventLoopDelay({ resolution: 5 })
    place.loop.enable()
  })
}

/** The longest time since then that it stood still, in milliseconds. */
export const longestStall = (journey: Journey): Promise<number> =>
  journey.app.evaluate(() => {
    const { loop } = globalThis as unknown as { loop?: IntervalHistogram }
    return Math.round((loop?.max ?? 0) / 1e6)
  })
