// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ArchiveListing } from '@shared/archive'
import { useArchivesStore } from '@/stores/archives'
import { planDelay, tickedAtOnce, useComposerStore } from '@/stores/composer'
import { useRegistriesStore } from '@/stores/registries'
import {
  Refusal,
  answeringBridge,
  freeTransfer,
  privateRegistry,
  pushJob,
  sha,
} from '../support/answering-bridge'

const listingOf = (path: string, count: number): ArchiveListing => ({
  path,
  kind: 'docker-archive',
  size: 1000,
  images: Array.from({ length: count }, (_, image) => ({
    image,
    references: [`app-${image}:v1`],
    digest: sha('c'),
    platforms: ['linux/amd64'],
    layers: 2,
    bytes: 100,
  })),
})

type Open = Parameters<typeof answeringBridge>[0]['archive:open']

async function begin(open: Open = ({ path }) => listingOf(path, 2)) {
  const bridge = answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry()], unforgotten: 0, revision: 1 }),
    'archive:open': open,
    'archive:plan': () => freeTransfer,
    'job:enqueue': () => pushJob(),
  })
  await useRegistriesStore().load()
  return { bridge, composer: useComposerStore(), archives: useArchivesStore() }
}
const names = (composer: ReturnType<typeof useComposerStore>): string[] =>
  composer.items.map(({ target }) => target.imageName)
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(planDelay)

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('opening archives', () => {
  it('lists what is inside, and plans what is ticked without asking any engine', async () => {
    const { bridge, composer } = await begin()
    await composer.openArchives(['/srv/app.tar'])
    await settle()
    expect(names(composer)).toEqual(['app-0', 'app-1'])
    expect(bridge.asked('archive:plan')).toMatchObject([
      { path: '/srv/app.tar', image: 0, repository: '727524/app-0', tag: 'v1' },
      { path: '/srv/app.tar', image: 1, repository: '727524/app-1', tag: 'v1' },
    ])
    expect(composer.startable).toBe(true)
  })

  it('ticks none of many, and each that the user ticks', async () => {
    const { composer, archives } = await begin(({ path }) => listingOf(path, tickedAtOnce + 1))
    await composer.openArchives(['/srv/many.tar'])
    expect(composer.items).toEqual([])
    const listing = archives.archives[0]?.listing
    if (!listing) throw new Error('not listed')
    composer.tick(listing, listing.images.slice(2, 4), true)
    composer.tick(listing, listing.images.slice(2, 3), true)
    expect(names(composer)).toEqual(['app-2', 'app-3'])
    composer.tick(listing, listing.images.slice(2, 3), false)
    expect(names(composer)).toEqual(['app-3'])
    expect([2, 3].map((image) => composer.isTicked('/srv/many.tar', image))).toEqual([false, true])
  })

  it('adds to what is there, and shows a refusal beside it', async () => {
    const { composer, archives } = await begin(({ path }) => {
      if (path === '/srv/notes.tar')
        throw new Refusal({ code: 'ARCHIVE_UNSUPPORTED', context: { file: 'notes.tar' }, detail: null })
      return listingOf(path, 1)
    })
    await composer.openArchives(['/srv/app.tar'])
    await composer.openArchives(['/srv/notes.tar'])
    await settle()
    expect(names(composer)).toEqual(['app-0'])
    expect(archives.archives.map(({ error }) => error?.code ?? null)).toEqual([null, 'ARCHIVE_UNSUPPORTED'])
    expect(composer.startable).toBe(true)
    composer.removeArchive('/srv/app.tar')
    expect(composer.items).toEqual([])
    expect(composer.isOpen).toBe(true)
  })

  it('lets Start wait while one is read, and drops what answers after it was left out', async () => {
    const answers: ((listing: ArchiveListing) => void)[] = []
    const { composer, archives } = await begin(() => new Promise((resolve) => answers.push(resolve)))
    const opened = composer.openArchives(['/srv/app.tar'])
    expect(archives.reading).toBe(true)
    expect(composer.startable).toBe(false)
    composer.removeArchive('/srv/app.tar')
    answers[0]?.(listingOf('/srv/app.tar', 1))
    await opened
    expect(composer.items).toEqual([])
  })

  it('goes where the first ones were dropped, and closes when all are under way', async () => {
    const { bridge, composer } = await begin()
    await composer.openArchives(['/srv/app.tar'], { registryId: 'mine', repository: '727524/shop' })
    await settle()
    expect(names(composer)).toEqual(['shop', 'shop'])
    const [first, second] = composer.items
    if (!first || !second) throw new Error('not ticked')
    composer.change(second.key, { target: { ...second.target, tag: 'v2' } })
    await settle()
    await composer.start()
    expect(bridge.asked('job:enqueue')).toMatchObject([
      { kind: 'archive-push', image: 0, repository: '727524/shop', tag: 'v1' },
      { kind: 'archive-push', image: 1, repository: '727524/shop', tag: 'v2' },
    ])
    expect(composer.isOpen).toBe(false)
  })
})
