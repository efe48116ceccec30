import { startDisplay } from '../../lab/display'
import { freePort } from '../../lab/ports'
import { startProgram } from '../../lab/program'
import { temporaryFolder } from '../../lab/temporary'
import { constant, percentile, type Row } from '../row'
import { atRest } from '../window/at-rest'
import { inPage } from '../window/in-page'
import { seedCatalog } from '../window/data'

const rowCount = 100_000

/** In the page: begins to note when frames begin. */
function recordFrames(): Promise<void> {
  const times: number[] = []
  const frame = (time: number): void => {
    times.push(time)
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  Object.assign(window, { frameTimes: times })
  return Promise.resolve()
}

/** In the page: the milliseconds between the frames so far, which are forgotten. */
function takeFrames(): Promise<number[]> {
  const { frameTimes } = window as unknown as { frameTimes: number[] }
  const times = frameTimes.splice(0)
  return Promise.resolve(times.slice(1).map((time, index) => time - (times[index] ?? time)))
}

/** As a hand turns a wheel: so many pixels at so many a second, there and back. */
const turns = [
  { yDistance: -9000, speed: 3000 },
  { yDistance: -40_000, speed: 20_000 },
  { yDistance: 40_000, speed: 20_000 },
  { yDistance: 9000, speed: 3000 },
]

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
          await inPage(page, atRest, undefined)
          const input = await page.context().newCDPSession(page)
          await inPage(page, recordFrames, null)
          await inPage(page, takeFrames, null)
          for (const turn of turns) {
            await input.send('Input.synthesizeScrollGesture', {
              ...{ x: 700, y: 500, gestureSourceType: 'mouse', preventFling: true },
              ...turn,
            })
          }
          const frames = await inPage(page, takeFrames, null)
          const top = await page.getByRole('grid').evaluate((grid) => grid.scrollTop)
          if (frames.length < 100 || top !== 0) throw new Error(`${frames.length} frames, ended at ${top}`)
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
