/** The parts for journeys in which things go wrong. */
import { randomBytes } from 'node:crypto'
import { startFaultProxy } from '../../lab/fault-proxy'
import { startLab } from '../../lab/lab'
import { buildMachineImage } from '../../lab/machine-image'
import { defaultGrants, startRegistry } from '../../lab/registry'
import { seedTenant } from '../../lab/seed'
import { temporaryFolder } from '../../lab/temporary'

/** Local images: one that is pushed in a moment, and one that takes long enough for something to happen meanwhile. */
export const images = { small: 'small-app:1.0', heavy: 'heavy-app:1.0' }

/** Users: `developer` pushes, `reader` may only read, `blind` pushes but is refused the catalog. */
const grants = { ...defaultGrants, blind: { '727524/*': ['pull', 'push', 'delete'] } }
const users = ['developer', 'reader', 'blind']

export type Trouble = Awaited<ReturnType<typeof setTrouble>>

/**
 * An engine, a keyring, a display; a Bearer registry, with a proxy before it that can be slowed down; a registry on which
 * deleting is switched off; and one that is there to be stopped.
 */
export async function setTrouble() {
  const lab = await startLab({ engine: {}, bearerRegistry: { grants, users }, keyring: {}, display: {} })
  const userData = temporaryFolder('user-data')
  const seed = randomBytes(8).toString('hex')
  const [keeper, frail, proxy] = await Promise.all([
    startRegistry({ name: 'keeper', delete: false }),
    startRegistry({ name: 'frail' }),
    startFaultProxy({ to: lab.bearerRegistry.host }),
    buildMachineImage(lab.engine.host, images.small, [200_000], { seed: `${seed}/small` }),
    buildMachineImage(lab.engine.host, images.heavy, [16e6, 12e6], { seed: `${seed}/heavy` }),
  ])
  seedTenant(keeper.storage)
  return {
    ...lab,
    ...{ keeper, frail, proxy, userData },
    async stop() {
      await proxy.stop()
      await Promise.all([lab.stop(), keeper.stop(), frail.stop()])
      userData.remove()
    },
  }
}
