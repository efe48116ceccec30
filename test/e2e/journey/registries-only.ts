/** The parts of journeys that need no engine and no keychain: registries, and a display. */
import { mkdirSync } from 'node:fs'
import { startDisplay } from '../../lab/display'
import { startFaultProxy } from '../../lab/fault-proxy'
import { startRegistry, type RegistryOptions } from '../../lab/registry'
import { temporaryFolder } from '../../lab/temporary'

export type RegistriesOnly = Awaited<ReturnType<typeof setRegistries>>

/** Two empty registries, the second with a proxy before it that can be slowed down, and a folder for archives. */
export async function setRegistries(first: RegistryOptions = {}, second: RegistryOptions = {}) {
  const folder = temporaryFolder('journey')
  const userData = folder.join('user-data')
  mkdirSync(userData)
  const [display, one, other] = await Promise.all([
    startDisplay(),
    startRegistry({ name: 'one', ...first }),
    startRegistry({ name: 'other', ...second }),
  ])
  const proxy = await startFaultProxy({ to: other.host })
  return {
    ...{ display, one, other, proxy, folder, userData },
    async stop() {
      await proxy.stop()
      await Promise.all([one.stop(), other.stop(), display.stop()])
      folder.remove()
    },
  }
}
