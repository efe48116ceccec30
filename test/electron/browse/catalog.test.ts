// Long because all that one reader promises is told here, against one setting.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CatalogSnapshot } from '@shared/browse'
import type { Section } from '@shared/registry'
import type { Policy } from '../../../electron/browse/freshness'
import { registry, Setting } from './setting'
import { waitFor } from '../../support/wait'

let setting: Setting
beforeEach(() => (setting = new Setting()))
afterEach(() => setting.remove())

/** The revision of the last answer: what was sent before it is old. */
let asked = 0
let answered: CatalogSnapshot['repositories'] = []
const read = (refresh: Policy = 'auto', section: Section = 'public'): CatalogSnapshot => {
  const snapshot = setting.browse.catalogs.read({ registryId: 'r', section, refresh })
  asked = snapshot.revision
  answered = snapshot.repositories
  return snapshot
}
const names = (snapshot: Pick<CatalogSnapshot, 'repositories'> | undefined): string[] =>
  snapshot?.repositories.map(({ name }) => name) ?? []
const settled = (section: Section = 'public'): Promise<CatalogSnapshot> =>
  waitFor(() => {
    const sent = setting.events('catalog:changed').filter((event) => event.section === section)
    const last = sent.filter((event) => event.revision > asked).at(-1)
    if (!last || last.refreshing) throw new Error('still refreshing')
    return { ...last, repositories: shown(section) }
  })
/** The rows that the window has: those that were sent last. */
function shown(section: Section = 'public'): CatalogSnapshot['repositories'] {
  const sent = setting.events('catalog:changed').filter((event) => event.section === section)
  return sent.flatMap(({ repositories }) => (repositories ? [repositories] : [])).at(-1) ?? answered
}

function repositories(...list: string[]): void {
  for (const name of list) setting.fake.repositories.set(name, new Map())
}

describe('reading a catalog', () => {
  it('answers at once that nothing is known, and tells what the registry lists', async () => {
    repositories('library/nginx', '727524/app', 'elsewhere/x')
    expect(read()).toMatchObject({ repositories: [], fetchedAt: null, listing: 'unknown', refreshing: true })
    const snapshot = await settled()
    expect(names(snapshot)).toEqual(['library/nginx'])
    expect(snapshot).toMatchObject({
      listing: 'supported',
      complete: true,
      source: 'registry',
      fetchedAt: setting.time,
      error: null,
    })
    expect(setting.reports).toContain('ok')
  })

  it('shares one listing between the sections, each with its namespace', async () => {
    repositories('library/nginx', '727524/app')
    read('auto', 'public')
    read('auto', 'private')
    expect(names(await settled('private'))).toEqual(['727524/app'])
    expect(names(await settled('public'))).toEqual(['library/nginx'])
    expect(setting.fake.count('CATALOG')).toBe(1)
  })

  it('shows everything where the namespace is empty, and nothing in a role that the registry has not', async () => {
    setting.registry = { ...registry, publicRole: { namespace: '' }, privateRole: null }
    repositories('library/nginx', 'elsewhere/x')
    read()
    expect(names(await settled())).toEqual(['elsewhere/x', 'library/nginx'])
    expect(names(read('never', 'private'))).toEqual([])
  })

  it('shows the first page while the others are still on their way', async () => {
    setting.fake.pageSize = 2
    repositories('library/a', 'library/b', 'library/c')
    const open = setting.fake.hold(/CATALOG 1/)
    read()
    await waitFor(() => expect(names({ repositories: shown() })).toEqual(['library/a', 'library/b']))
    expect(setting.last('catalog:changed')).toMatchObject({
      refreshing: true,
      complete: false,
      fetchedAt: setting.time,
    })
    open()
    expect(names(await settled())).toEqual(['library/a', 'library/b', 'library/c'])
  })

  it('asks again only when it is older than a minute, or told to', async () => {
    repositories('library/a')
    read()
    await settled()
    expect(read()).toMatchObject({ refreshing: false })
    setting.time += 59_000
    expect(read()).toMatchObject({ refreshing: false })
    expect(read('force')).toMatchObject({ refreshing: true })
    await settled()
    setting.time += 61_000
    expect(read('never')).toMatchObject({ refreshing: false })
    expect(read()).toMatchObject({ refreshing: true })
  })

  it('keeps the old list and says why when the registry is away, also after a restart', async () => {
    repositories('library/a')
    read()
    const fetchedAt = (await settled()).fetchedAt
    await setting.restart()
    setting.time += 3_600_000
    setting.fake.down = 'CONNECTION_REFUSED'
    expect(read()).toMatchObject({ fetchedAt, source: 'cache', refreshing: true })
    const snapshot = await settled()
    expect(names(snapshot)).toEqual(['library/a'])
    expect(snapshot).toMatchObject({
      fetchedAt,
      complete: true,
      source: 'cache',
      error: { code: 'CONNECTION_REFUSED' },
    })
    expect(setting.reports.at(-1)).toBe('CONNECTION_REFUSED')
  })

  it('says that nothing is known and why, offline on the first visit', async () => {
    setting.fake.down = 'HOST_UNKNOWN'
    read()
    expect(await settled()).toMatchObject({
      fetchedAt: null,
      repositories: [],
      error: { code: 'HOST_UNKNOWN' },
    })
  })

  it('loses nothing when a refresh is cut, and the gone ones when it came whole', async () => {
    repositories('library/a', 'library/b')
    read()
    await settled()
    setting.fake.repositories.delete('library/b')
    setting.fake.listing = 'cut'
    read('force')
    expect(await settled()).toMatchObject({
      complete: false,
      repositories: [{ name: 'library/a' }, { name: 'library/b' }],
    })
    setting.fake.listing = 'whole'
    read()
    await waitFor(() => expect(names({ repositories: shown() })).toEqual(['library/a']))
  })

  it('grows its revision and sends at most four snapshots a second', async () => {
    setting.fake.pageSize = 1
    repositories(...Array.from({ length: 300 }, (_, index) => `library/r${index}`))
    const first = read()
    await settled()
    const sent = setting.sent.filter(({ name }) => name === 'catalog:changed')
    // Counted over the whole refresh: between two of them the time that a snapshot takes to be made comes in.
    const seconds = ((sent.at(-1)?.at ?? 0) - (sent[0]?.at ?? 0)) / 1000
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.length).toBeLessThanOrEqual(2 + 4 * seconds)
    const revisions = [first, ...setting.events('catalog:changed')].map(({ revision }) => revision)
    expect([...new Set(revisions)].sort((a, b) => a - b)).toEqual(revisions)
  })

  it('sends its rows again only where they are others', async () => {
    repositories('library/a')
    read()
    await settled()
    read('force')
    await settled()
    const after = setting.events('catalog:changed').filter(({ revision }) => revision > asked)
    expect(after.map((event) => event.repositories)).toEqual(after.map(() => null))
    repositories('library/b')
    read('force')
    expect(names(await settled())).toEqual(['library/a', 'library/b'])
  })

  it('answers the first rows where only those are asked for, and how many there are', async () => {
    repositories('library/a', 'library/b', 'library/c', 'elsewhere/x')
    read()
    await settled()
    const key = { registryId: 'r', section: 'public', refresh: 'never' } as const
    const cut = setting.browse.catalogs.read({ ...key, first: 2 })
    expect(names(cut)).toEqual(['library/a', 'library/b'])
    expect(cut.count).toBe(3)
    expect(setting.browse.catalogs.read({ ...key, first: 3 })).toMatchObject({ count: 3 })
  })

  it('leaves out names that no request could name', async () => {
    repositories('library/ok', 'library/../../evil', 'library/UPPER')
    read()
    expect(names(await settled())).toEqual(['library/ok'])
  })
})

describe('a registry that does not list', () => {
  beforeEach(() => {
    setting.fake.listing = 'LISTING_UNSUPPORTED'
  })

  it('is no error, and shows what was added by hand or pushed from here', async () => {
    read()
    expect(await settled()).toMatchObject({ listing: 'refused', error: null, repositories: [] })
    setting.fake.tag('library/mine', '1', setting.fake.image().digest)
    await setting.browse.catalogs.addRepository('r', 'library/mine')
    setting.browse.catalogs.noteRepository('r', 'library/pushed')
    await waitFor(() => expect(names({ repositories: shown() })).toEqual(['library/mine', 'library/pushed']))
    expect(shown()[0]).toMatchObject({ addedByHand: true })
    setting.browse.catalogs.removeRepository('r', 'library/mine')
    expect(names(read('never'))).toEqual(['library/pushed'])
  })

  it('keeps listing what it listed before', async () => {
    setting.fake.listing = 'whole'
    repositories('library/a')
    read()
    await settled()
    setting.fake.listing = 'LISTING_UNSUPPORTED'
    read('force')
    expect(await settled()).toMatchObject({ listing: 'refused', repositories: [{ name: 'library/a' }] })
  })

  it('is told apart from one that wants an account', async () => {
    setting.fake.fail('PING', 'UNAUTHORIZED')
    read()
    expect(await settled()).toMatchObject({ error: { code: 'UNAUTHORIZED' } })
    expect(setting.reports.at(-1)).toBe('UNAUTHORIZED')
  })

  it('adds no repository without tags', async () => {
    await expect(setting.browse.catalogs.addRepository('r', 'library/none')).rejects.toMatchObject({
      code: 'NAME_UNKNOWN',
    })
    repositories('library/empty')
    await expect(setting.browse.catalogs.addRepository('r', 'library/empty')).rejects.toMatchObject({
      code: 'NAME_UNKNOWN',
    })
    expect(names(read('never'))).toEqual([])
  })

  it('shows what was added outside every namespace in each section', async () => {
    setting.fake.tag('elsewhere/x', '1', setting.fake.image().digest)
    await setting.browse.catalogs.addRepository('r', 'elsewhere/x')
    expect(names(read('never', 'public'))).toEqual(['elsewhere/x'])
    expect(names(read('never', 'private'))).toEqual(['elsewhere/x'])
  })
})

describe('summaries', () => {
  const labels = {
    'org.opencontainers.image.title': 'nginx',
    'org.opencontainers.image.description': 'A web server.',
  }
  const summaries = (): string[] =>
    setting.events('catalog:summarized').flatMap((event) => event.summaries.map(({ name }) => name))

  beforeEach(async () => {
    for (const [index, tag] of ['1.9', '1.10', 'latest', '1.10-alpine', '1.8', '1.7'].entries()) {
      const created = `2024-01-0${index + 1}T00:00:00Z`
      setting.fake.tag('library/nginx', tag, setting.fake.image({ labels, created }).digest)
    }
    setting.fake.tag('library/redis', '7', setting.fake.image({ created: '2023-01-01T00:00:00Z' }).digest)
    setting.fake.repositories.set('library/empty', new Map())
    read()
    await settled()
  })

  it('tell of a repository from a few of its tags', async () => {
    setting.browse.catalogs.summarize('r', ['library/nginx', 'library/redis', 'library/empty'])
    await waitFor(() =>
      expect(summaries().sort()).toEqual(['library/empty', 'library/nginx', 'library/redis']),
    )
    expect(read('never').repositories.find(({ name }) => name === 'library/nginx')).toEqual({
      name: 'library/nginx',
      addedByHand: false,
      tagCount: 6,
      newestTag: 'latest',
      newestCreated: Date.parse('2024-01-03T00:00:00Z'),
      title: 'nginx',
      description: 'A web server.',
      summarizedAt: setting.time,
    })
    expect(setting.fake.count('GET library/nginx')).toBe(3)
    expect(read('never').repositories.find(({ name }) => name === 'library/empty')).toMatchObject({
      tagCount: 0,
    })
  })

  it('are remembered for ten minutes, and through a restart', async () => {
    setting.browse.catalogs.summarize('r', ['library/redis'])
    await waitFor(() => expect(summaries()).toEqual(['library/redis']))
    await setting.restart()
    const before = setting.fake.requests.length
    setting.time += 599_000
    setting.browse.catalogs.summarize('r', ['library/redis'])
    expect(setting.fake.requests.length).toBe(before)
    setting.time += 2000
    setting.browse.catalogs.summarize('r', ['library/redis'])
    await waitFor(() => expect(summaries()).toEqual(['library/redis']))
    expect(setting.fake.count('GET library/redis')).toBe(1)
    expect(setting.fake.count('HEAD library/redis')).toBe(1)
  })

  it('stop at the first sign that the registry is away, instead of asking for each', async () => {
    setting.fake.down = 'TIMED_OUT'
    const before = setting.fake.requests.length
    setting.browse.catalogs.summarize(
      'r',
      Array.from({ length: 100 }, (_, index) => `library/r${index}`),
    )
    await waitFor(() => expect(setting.reports.at(-1)).toBe('TIMED_OUT'))
    expect(setting.fake.requests.length - before).toBeLessThan(20)
    expect(summaries()).toEqual([])
  })

  it('of one repository that cannot be read do not hold up the others', async () => {
    setting.fake.fail('TAGS library/nginx 0', 'DENIED')
    setting.browse.catalogs.summarize('r', ['library/nginx', 'library/redis'])
    await waitFor(() => expect(summaries()).toEqual(['library/redis']))
    expect(read('never').repositories.find(({ name }) => name === 'library/nginx')?.summarizedAt).toBeNull()
  })

  it('come from what a visit of the repository found, too', async () => {
    setting.browse.repositories.read({ registryId: 'r', repository: 'library/nginx', refresh: 'auto' })
    await waitFor(() => expect(summaries()).toEqual(['library/nginx']))
    expect(read('never').repositories.find(({ name }) => name === 'library/nginx')).toMatchObject({
      newestTag: '1.7',
      tagCount: 6,
    })
  })
})

describe('forgetting a registry', () => {
  it('ends what runs and leaves nothing', async () => {
    repositories('library/a')
    read()
    await settled()
    const open = setting.fake.hold(/CATALOG/)
    read('force')
    await setting.browse.forgetRegistry('r')
    open()
    expect(read('never')).toMatchObject({ repositories: [], fetchedAt: null, refreshing: false })
  })
})

it('asks the registry again in a new run, however new the list is: whether it is there is not known', async () => {
  repositories('library/nginx')
  read()
  await settled()
  setting.time += 1000
  await setting.restart()
  expect(read()).toMatchObject({ source: 'cache', refreshing: true })
  await settled()
  expect(read()).toMatchObject({ source: 'registry', refreshing: false })
})
