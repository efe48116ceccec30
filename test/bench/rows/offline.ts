import { startDisplay } from '../../lab/display'
import { freePort } from '../../lab/ports'
import { startProgram } from '../../lab/program'
import { temporaryFolder } from '../../lab/temporary'
import { constant, type Row } from '../row'
import { seedCatalog } from '../window/data'
import { atRest } from '../window/at-rest'
import { inPage } from '../window/in-page'
import { repositories } from './catalog'

const named = (namespace: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${namespace}/${String(index).padStart(5, '0')}`)

/** In the page: clicks, and resolves with the milliseconds from the click to the frame after the first one with rows. */
function clickToRows([button, rows]: [string, string]): Promise<number> {
  return new Promise((done) => {
    let clicked = 0
    const look = (): void => {
      if (document.querySelector(rows) === null) requestAnimationFrame(look)
      else requestAnimationFrame(() => done(performance.now() - clicked))
    }
    const target = document.querySelector<HTMLElement>(button)
    if (target === null) throw new Error(`no ${button}`)
    requestAnimationFrame(() => {
      clicked = performance.now()
      target.click()
      requestAnimationFrame(look)
    })
  })
}

export const offline: Row = {
  name: 'offline-10k',
  unit: 'ms',
  what: 'click to the first painted rows of a catalog of 10,000, first time since the start, network cut',
  peerName: '100 ms',
  goal: 1,
  async open(ground) {
    const userData = ground.own(temporaryFolder('bench-user'), (part) => part.remove())
    const display = ground.own(await startDisplay(), (part) => part.stop())
    // The start shows the small public part; the click opens the private one. Nothing listens on the port.
    const roles = { publicRole: { namespace: 'small' }, privateRole: { namespace: 'big' } }
    const names = [...named('big', repositories), ...named('small', 10)]
    await seedCatalog(userData.path, `127.0.0.1:${await freePort()}`, roles, names)
    return {
      async ours() {
        const program = await startProgram({ display, userData: userData.path })
        try {
          await program.window.locator('[data-testid^="catalog-card-small/"]').first().waitFor()
          // What the start still does is not the click's.
          await inPage(program.window, atRest, undefined)
          const selectors: [string, string] = [
            '[data-testid="nav-private"]',
            '[data-testid="row-big/00000"], [data-testid^="catalog-card-big/"]',
          ]
          return await inPage(program.window, clickToRows, selectors)
        } finally {
          await program.close()
        }
      },
      peer: constant(100),
    }
  },
}
