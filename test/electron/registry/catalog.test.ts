import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Page } from '../../../electron/registry/client'
import { clientOf, collect, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { json, plain, refusal, TestServer } from '../../support/registry/test-server'
import { startTokenService } from '../../support/registry/token-service'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())
const list = (registry: InProcessRegistry, pageSize?: number): Promise<Page[]> =>
  collect(clientOf(registry.endpoint()).listRepositories({ pageSize }))
const names = (pages: Page[]): string[] => pages.flatMap(({ items }) => items)
const linked = (items: unknown, link: string): ReturnType<typeof json> =>
  json(200, { repositories: items }, { link })

describe('a catalog', () => {
  it('comes page by page until no link says that there is more', async () => {
    const registry = await start()
    for (let i = 0; i < 25; i += 1) registry.repository(`team/app-${i}`)
    const pages = await list(registry, 10)
    expect(pages.map(({ items, cut }) => [items.length, cut])).toEqual([
      [10, false],
      [10, false],
      [5, false],
    ])
  })

  it.each([
    ['null', null],
    ['an empty list', []],
    ['nothing', undefined],
  ])('takes %s for none', async (_what, value) => {
    const registry = await start()
    registry.on('GET', /_catalog/, json(200, { repositories: value }))
    expect(await list(registry)).toEqual([{ items: [], cut: false }])
  })

  it('trusts the link, not the count: a short page goes on, a full one may be the last', async () => {
    const registry = await start()
    registry.on('GET', '/v2/_catalog', linked(['a'], '</v2/_catalog?n=2&last=a>; rel="next"'), 1)
    registry.on('GET', /last=a/, json(200, { repositories: ['b', 'c'] }))
    expect(names(await list(registry, 2))).toEqual(['a', 'b', 'c'])
  })

  it('leaves out what is no name, and names that came before', async () => {
    const registry = await start()
    const hostile = ['a', 'a', '../etc', 'UPPER', 'x'.repeat(300), 7, null, { a: 1 }, 'b', '\u202egnp']
    registry.on('GET', /_catalog/, json(200, { repositories: hostile }))
    expect(names(await list(registry))).toEqual(['a', 'b'])
  })

  it.each([
    ['a link to itself', '</v2/_catalog?n=1000>; rel="next"'],
    ['a link to another host', '<http://other.example/v2/_catalog>; rel="next"'],
    ['a broken link', '<http://[>; rel="next"'],
  ])('is cut at %s', async (_what, link) => {
    const registry = await start()
    registry.on('GET', /_catalog/, linked(['a'], link))
    const pages = await list(registry)
    expect(pages.at(-1)?.cut).toBe(true)
    expect(names(pages)).toEqual(['a'])
    expect(registry.requests.length).toBeLessThan(3)
  })

  it('is cut where one page has more than any list', async () => {
    const registry = await start()
    const repositories = Array.from({ length: 500_010 }, (_, at) => at.toString(36))
    registry.on('GET', /_catalog/, json(200, { repositories }))
    const pages = await collect(clientOf(registry.endpoint()).listRepositories())
    expect(pages.map(({ items, cut }) => [items.length, cut])).toEqual([[500_000, true]])
  }, 30_000)

  it('is cut where it never ends', async () => {
    const registry = await start()
    let count = 0
    registry.on('GET', /_catalog/, (request, response) => {
      count += 1
      return linked([`a${count}`], `</v2/_catalog?last=${count}>; rel="next"`)(request, response)
    })
    const pages = await list(registry)
    expect(pages.at(-1)?.cut).toBe(true)
    expect(count).toBe(1000)
  }, 30_000)

  it('asks for less where so much at once is refused', async () => {
    const registry = await start()
    registry.repository('a')
    registry.on('GET', /n=1000/, refusal(400, 'PAGINATION_NUMBER_INVALID'))
    expect(names(await list(registry))).toEqual(['a'])
    registry.on('GET', /n=/, refusal(400, 'PAGINATION_NUMBER_INVALID'))
    expect(names(await list(registry))).toEqual(['a'])
    expect(registry.requests.at(-1)?.path).toBe('/v2/_catalog')
  })

  it.each([401, 403, 404, 405])('is LISTING_UNSUPPORTED where it is answered %i', async (status) => {
    const registry = await start()
    registry.on('GET', /_catalog/, plain(status))
    await failure(list(registry), 'LISTING_UNSUPPORTED')
  })

  it('is LISTING_UNSUPPORTED where the account has no right to it, and UNAUTHORIZED where nobody is let in', async () => {
    const registry = await start()
    const service = later(await startTokenService())
    registry.on('*', /./, service.guard)
    service.grant = (scope) => (scope.startsWith('registry:') ? null : scope)
    await failure(list(registry), 'LISTING_UNSUPPORTED')
    service.anonymous = false
    await failure(list(registry), 'UNAUTHORIZED')
    const password = randomBytes(8).toString('hex')
    const wrong = clientOf(registry.endpoint(), {
      resolveCredential: () => Promise.resolve({ username: 'ada', password }),
    })
    await failure(collect(wrong.listRepositories()), 'UNAUTHORIZED')
  })

  it.each([
    ['a web page', plain(200, { 'content-type': 'text/html' }, '<html>'), 'NOT_A_REGISTRY' as const],
    ['cut JSON', plain(200, {}, '{"repositories":["a'), 'RESPONSE_INVALID' as const],
    ['a text where the list should be', json(200, { repositories: 'a' }), 'RESPONSE_INVALID' as const],
    ['a list', json(200, ['a']), 'RESPONSE_INVALID' as const],
  ])('is refused as %s', async (_what, handler, code) => {
    const registry = await start()
    registry.on('GET', /_catalog/, handler)
    await failure(list(registry), code)
  })

  it('keeps what has come when a later page fails', async () => {
    const registry = await start()
    registry.on('GET', '/v2/_catalog', linked(['a'], '</v2/_catalog?last=a>; rel="next"'), 1)
    registry.on('GET', /last=a/, plain(404))
    const seen: string[] = []
    const reading = (async (): Promise<void> => {
      for await (const { items } of clientOf(registry.endpoint()).listRepositories()) seen.push(...items)
    })()
    await failure(reading, 'REGISTRY_FAILED')
    expect(seen).toEqual(['a'])
  })

  it('reads no more pages than are taken', async () => {
    const registry = await start()
    for (let i = 0; i < 30; i += 1) registry.repository(`a${i}`)
    for await (const page of clientOf(registry.endpoint()).listRepositories({ pageSize: 10 })) {
      expect(page.items).toHaveLength(10)
      break
    }
    expect(registry.requests).toHaveLength(1)
  })

  it('lists 10,000 names by pages of 1,000', async () => {
    const registry = await start()
    for (let i = 0; i < 10_000; i += 1) registry.repository(`big/app-${i}`)
    expect(names(await list(registry))).toHaveLength(10_000)
    expect(registry.requests).toHaveLength(10)
  })
})

it('never follows a link to a server that listens, with or without an account', async () => {
  const registry = await start()
  const other = later(await TestServer.start())
  registry.on('GET', /_catalog/, linked(['a'], `<${other.url}/v2/_catalog>; rel="next"`))
  expect((await list(registry)).at(-1)?.cut).toBe(true)
  expect(other.requests).toHaveLength(0)
})
