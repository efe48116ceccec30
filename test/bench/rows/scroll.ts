import { startDisplay } from '../../lab/display'
import { freePort } from '../../lab/ports'
import { startProgram } from '../../lab/program'
import { temporaryFolder } from '../../lab/temporary'
import { constant, percentile, type Row } from '../row'
import { inPage } from '../window/in-page'
import { seedCatalog } from '../window/data'

const rowCount = 100_000

/**
 * In the page: scrolls by so many pixels in every frame, there and back, and resolves with the times between the frames
 * that were shown, in milliseconds.
 */
function scrollFrames([steps, grid]: [number[], string]): Promise<number[]> {
  return new Promise((done) => {
    const list = document.querySelector<HTMLElement>(grid)
    if (list === null) throw new Error(`no ${grid}`)
    const times: number[] = []
    const frame = (time: number): void => {
      times.push(time)
      const step = steps[times.length - 1]
      if (step === undefined) done(times.slice(1).map((at, index) => at - (times[index] ?? at)))
      else {
        list.scrollTop += step
        requestAnimationFrame(frame)
      }
    }
    requestAnimationFrame(frame)
  })
}

/** Reading speed, a fling, leaps as with the bar's thumb, and all of it back. */
const speeds = [
  ...Array.from({ length: 240 }, () => 60),
  ...Array.from({ length: 120 }, () => 600),
  ...Array.from({ length: 60 }, () => 20_000),
]
const steps = [...speeds, ...speeds.map((speed) => -speed)]

export const scroll: Row = {
  name: 'scroll-100k',
  unit: 'ms',
  what: `p99 frame time while scrolling ${rowCount.toLocaleString('en')} rows`,
  peerName: '16.7 ms',
  goal: 1,
  async open(ground) {
    const userData = ground.own(temporaryFolder('bench-user'), (part) => part.remove())
    const display = ground.own(await startDisplay(), (part) => part.stop())
    const roles = { publicRole: { namespace: 'small' }, privateRole: { namespace: 'big' } }
    const names = Array.from({ length: rowCount }, (_, index) => `big/${String(index).padStart(6, '0')}`)
    await seedCatalog(userData.path, `127.0.0.1:${await freePort()}`, roles, [...names, 'small/one'])
    const all: number[] = []
    return {
      async ours() {
        const program = await startProgram({
          display,
          userData: userData.path,
          size: { width: 1280, height: 800 },
        })
        try {
          const page = program.window
          await page.getByTestId('nav-private').click()
          await page.getByTestId('row-big/000000').waitFor()
          await page.waitForTimeout(2000)
          const frames = await inPage(page, scrollFrames, [steps, '[role="grid"]'] as [number[], string])
          all.push(...frames)
          return Number(percentile(frames, 0.99).toFixed(1))
        } finally {
          await program.close()
        }
      },
      peer: constant(16.7),
      note: () =>
        `over all frames: p50 ${percentile(all, 0.5).toFixed(1)} ms, p99.9 ${percentile(all, 0.999).toFixed(1)} ms, longest ${percentile(all, 1).toFixed(1)} ms`,
    }
  },
}
