/** The real parts that a journey plays on: an engine with images, two registries, a keychain, a display. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { engineRequest } from '../lab/engine-api'
import type { DisplayOptions } from '../lab/display'
import { helloImage } from '../lab/hello-image'
import { startLab } from '../lab/lab'
import { buildMachineImage } from '../lab/machine-image'
import type { Registry } from '../lab/registry'
import { temporaryFolder } from '../lab/temporary'
import { setPools, type PoolStage } from './tour/pool-stage'

export const tenant = '727524'
/** Local images of the stage's engine: an application of three layers, and a base image. */
export const images = { web: 'shop-web:1.4.0', base: 'jdk17:2026.11' }
/** In the public registry, to be deployed: two versions that run, and one that never becomes healthy. */
export const hello = { repository: 'library/hello', first: '1.0', second: '2.0', broken: '2.1' }

export type Stage = Awaited<ReturnType<typeof setStage>>

/** Starts every part side by side, and builds two images whose layers no registry has. */
export async function setStage(display: DisplayOptions = {}) {
  const lab = await startLab({ engine: {}, publicRegistry: {}, bearerRegistry: {}, keyring: {}, display })
  const userData = temporaryFolder('user-data')
  const seed = randomBytes(8).toString('hex')
  const { storage } = lab.publicRegistry
  for (const tag of [hello.first, hello.second]) storage.put(hello.repository, helloImage(tag), tag)
  storage.put(hello.repository, helloImage(hello.broken, { healthy: false }), hello.broken)
  try {
    await buildMachineImage(lab.engine.host, images.web, [24e6, 12e6, 3e6], { seed })
    await buildMachineImage(lab.engine.host, images.base, [2e6], { seed })
  } catch (error) {
    await lab.stop()
    throw error
  }
  let pools: Promise<PoolStage> | null = null
  return {
    ...lab,
    userData,
    /** More places to deploy to, which take a while to start: only for those who ask, and with the stage they end. */
    pools(): Promise<PoolStage> {
      pools ??= setPools(lab.publicRegistry)
      return pools
    },
    async stop() {
      const [more] = await Promise.allSettled([pools])
      await Promise.all([lab.stop(), more.status === 'fulfilled' ? more.value?.stop() : null])
      userData.remove()
    },
  }
}

/** The digest that a registry's own storage has for a tag, or null: the truth behind what the window shows. */
export function digestInStorage(registry: Registry, repository: string, tag: string): string | null {
  const folder = join(registry.storage.root, 'docker/registry/v2/repositories', repository)
  const link = join(folder, '_manifests/tags', tag, 'current/link')
  return existsSync(link) ? readFileSync(link, 'utf8').trim() : null
}

/** The engine's image ID for a reference, or null. */
export async function imageAtEngine(host: string, reference: string): Promise<string | null> {
  const { status, text } = await engineRequest(host, 'GET', `/images/${reference}/json`)
  return status === 200 ? (JSON.parse(text) as { Id: string }).Id : null
}

/** Every reference that the engine has, sorted. */
export async function referencesAtEngine(host: string): Promise<string[]> {
  const { text } = await engineRequest(host, 'GET', '/images/json')
  return (JSON.parse(text) as { RepoTags: string[] | null }[]).flatMap((image) => image.RepoTags ?? []).sort()
}
