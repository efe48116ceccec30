import { setTimeout as pause } from 'node:timers/promises'
import { startDisplay } from '../../lab/display'
import { startRegistry } from '../../lab/registry'
import { seedMany } from '../../lab/seed'
import { temporaryFolder } from '../../lab/temporary'
import { median, type Ground, type Race, type Row } from '../row'
import { warmCatalog } from '../window/data'
import { memoryOf } from '../window/memory'
import { openWindow, type WindowRun } from '../window/window'
import { repositories } from './catalog'

/** The rail is there, and a repository that can be opened. */
const catalogShown = '[data-testid^="catalog-card-"]'
const emptyShown = 'body'
/** After this long nothing goes on in either window. */
const calm = 3000

/** The program with a warm cache of 10,000 repositories beside an empty window; `look` makes a figure of an open one. */
async function openWindows(
  ground: Ground,
  look: (window: WindowRun, ours: boolean) => Promise<number>,
): Promise<Race> {
  const registry = ground.own(await startRegistry({ name: 'bench' }), (part) => part.stop())
  const userData = ground.own(temporaryFolder('bench-user'), (part) => part.remove())
  const display = ground.own(await startDisplay(), (part) => part.stop())
  const run = async (folder: string | null): Promise<number> => {
    const selector = folder === null ? emptyShown : catalogShown
    const window = await openWindow({ display, userData: folder, selector })
    try {
      return await look(window, folder !== null)
    } finally {
      await window.stop()
    }
  }
  await seedMany(registry.storage, repositories, 3)
  await warmCatalog(userData.path, registry)
  // Once for the system's own caches, and for what a first start keeps.
  await run(userData.path)
  await run(null)
  return { ours: () => run(userData.path), peer: () => run(null) }
}

export const start: Row = {
  name: 'start',
  unit: 'ms',
  what: 'process start to the first interactive screen, warm cache of 10,000 repositories',
  peerName: 'an empty Electron window',
  goal: 1.6,
  open: (ground) => openWindows(ground, (window) => Promise.resolve(window.painted)),
}

export const memory: Row = {
  name: 'memory',
  unit: 'MB',
  what: 'working sets summed over the processes, 10,000 repositories open',
  peerName: 'an empty Electron window',
  goal: 1.4,
  async open(ground) {
    const proportional: { ours: number[]; peer: number[] } = { ours: [], peer: [] }
    const race = await openWindows(ground, async (window, isOurs) => {
      await pause(calm)
      const use = memoryOf(window.pid)
      proportional[isOurs ? 'ours' : 'peer'].push(use.proportional)
      return use.workingSet
    })
    return {
      ...race,
      note() {
        const [ours, peer] = [median(proportional.ours), median(proportional.peer)]
        return `shared pages divided: ours ${ours.toFixed(0)} MB, peer ${peer.toFixed(0)} MB, ratio ${(ours / peer).toFixed(2)}`
      },
    }
  },
}
