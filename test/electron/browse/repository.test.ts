// Long because all that one reader promises is told here, against one setting.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RepositorySnapshot, TagRow } from '@shared/browse'
import type { Policy } from '../../../electron/browse/freshness'
import { digestOf } from './fake-registry'
import { Setting } from './setting'
import { ownTime } from '../../support/own-time'
import { waitFor } from '../../support/wait'

let setting: Setting
beforeEach(() => (setting = new Setting()))
afterEach(() => setting.remove())

const key = { registryId: 'r', repository: 'library/app' }
/** The revision of the last answer: what was sent before it is old. */
let asked = 0
const read = (refresh: Policy = 'auto'): RepositorySnapshot => {
  const snapshot = setting.browse.repositories.read({ ...key, refresh })
  asked = snapshot.revision
  return snapshot
}
const settled = (): Promise<RepositorySnapshot> =>
  waitFor(() => {
    const last = setting.last('repository:changed')
    if (!last || last.refreshing || last.revision <= asked) throw new Error('still refreshing')
    return last
  })
const names = (snapshot: RepositorySnapshot | undefined): string[] =>
  snapshot?.tags.map(({ name }) => name) ?? []
const row = (snapshot: RepositorySnapshot, name: string): TagRow | undefined =>
  snapshot.tags.find((tag) => tag.name === name)
const push = (tag: string, day: string, labels?: Record<string, string>): string => {
  const { digest } = setting.fake.image({
    created: `2024-01-${day}T00:00:00Z`,
    labels,
    layers: [10, Number(day)],
  })
  setting.fake.tag('library/app', tag, digest)
  return digest
}

describe('reading a repository', () => {
  it('answers at once, then with the tags, then with their details', async () => {
    const digest = push('v1', '01')
    expect(read()).toMatchObject({ tags: [], fetchedAt: null, refreshing: true, complete: false })
    const snapshot = await settled()
    expect(snapshot).toMatchObject({
      fetchedAt: setting.time,
      complete: true,
      source: 'registry',
      error: null,
    })
    expect(snapshot.tags).toEqual([
      {
        name: 'v1',
        digest,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        kind: 'image',
        created: Date.parse('2024-01-01T00:00:00Z'),
        size: expect.any(Number) as number,
        platforms: [{ os: 'linux', architecture: 'amd64' }],
        detail: 'ready',
        error: null,
      },
    ])
    expect(snapshot.tags[0]?.size).toBeGreaterThan(11)
  })

  it('orders by date, then by name, and describes itself by the newest image', async () => {
    push('b', '02')
    push('c', '02')
    push('a', '01', { 'org.opencontainers.image.title': 'Old' })
    push('2.0', '03', {
      'org.opencontainers.image.title': 'App',
      'org.opencontainers.image.source': 'javascript:x',
    })
    setting.fake.tag('library/app', 'latest', push('2.0', '03', { 'org.opencontainers.image.title': 'App' }))
    read()
    const snapshot = await settled()
    expect(names(snapshot)).toEqual(['2.0', 'latest', 'b', 'c', 'a'])
    expect(snapshot).toMatchObject({
      newestTag: '2.0',
      description: { fromTag: '2.0', title: 'App', source: null },
    })
  })

  it('shows an index by its linux/amd64 image and all its platforms', async () => {
    const amd = setting.fake.image({ created: '2024-01-02T00:00:00Z', layers: [1000] })
    const arm = setting.fake.image({ platform: { os: 'linux', architecture: 'arm64' }, layers: [5] })
    const windows = setting.fake.image({ platform: { os: 'windows', architecture: 'amd64' }, layers: [6] })
    const index = setting.fake.index([windows, arm, amd, setting.fake.attestation()])
    setting.fake.tag('library/app', 'multi', index.digest)
    read()
    const multi = row(await settled(), 'multi')
    expect(multi).toMatchObject({
      kind: 'index',
      digest: index.digest,
      created: Date.parse('2024-01-02T00:00:00Z'),
    })
    expect(multi?.size).toBeGreaterThan(1000)
    expect(multi?.platforms.map((one) => `${one.os}/${one.architecture}`)).toEqual([
      'windows/amd64',
      'linux/arm64',
      'linux/amd64',
    ])
  })

  it('shows an artifact as one, and never as the newest image', async () => {
    push('v1', '01')
    setting.fake.tag('library/app', 'chart', setting.fake.artifact('application/vnd.cncf.helm').digest)
    read()
    const snapshot = await settled()
    expect(row(snapshot, 'chart')).toMatchObject({ kind: 'artifact', size: 79, created: null, platforms: [] })
    expect(snapshot.newestTag).toBe('v1')
  })

  it('fetches what a digest names once, and asks a known tag by HEAD', async () => {
    const digest = push('v1', '01')
    setting.fake.tag('library/app', 'same', digest)
    read()
    await settled()
    expect(setting.fake.count('CONFIG')).toBe(1)
    setting.fake.requests.length = 0
    read('force')
    await settled()
    expect(setting.fake.requests).toEqual([
      'TAGS library/app 0',
      'HEAD library/app same',
      'HEAD library/app v1',
    ])
  })

  it('follows a tag that moved', async () => {
    push('v1', '01')
    read()
    await settled()
    const digest = push('v1', '05')
    read('force')
    const snapshot = await settled()
    expect(snapshot.tags).toHaveLength(1)
    expect(snapshot.tags[0]).toMatchObject({
      digest,
      created: Date.parse('2024-01-05T00:00:00Z'),
      detail: 'ready',
    })
  })

  it('does not ask for old tags off the screen at each visit, but for those on it', async () => {
    push('v1', '01')
    push('v2', '02')
    read()
    await settled()
    setting.browse.repositories.focus({ ...key, tags: ['v2'] })
    setting.fake.requests.length = 0
    setting.time += 120_000
    read()
    await settled()
    expect(setting.fake.requests).toEqual(['TAGS library/app 0', 'HEAD library/app v2'])
    setting.time += 601_000
    read()
    await settled()
    expect(setting.fake.count('HEAD library/app v1')).toBe(1)
  })

  it('shows a tag that cannot be read as failed, with the reason, and the others as they are', async () => {
    push('good', '01')
    setting.fake.tag('library/app', 'gone', digestOf('nothing'))
    push('old', '02')
    setting.fake.fail('GET library/app old', 'SCHEMA1_UNSUPPORTED')
    read()
    const snapshot = await settled()
    expect(snapshot.error).toBeNull()
    expect(row(snapshot, 'good')).toMatchObject({ detail: 'ready' })
    expect(row(snapshot, 'gone')).toMatchObject({ detail: 'failed', error: { code: 'MANIFEST_UNKNOWN' } })
    expect(row(snapshot, 'old')).toMatchObject({ detail: 'failed', kind: 'schema1' })
    setting.fake.fail('GET library/app old', null)
    read('force')
    expect(row(await settled(), 'old')).toMatchObject({ detail: 'ready', kind: 'image', error: null })
  })

  it('ends at an error of the registry as a whole and keeps what it has', async () => {
    for (let n = 10; n < 30; n += 1) push(`v${n}`, `${n}`)
    setting.fake.fail('GET library/app v15', 'CONNECTION_LOST')
    read()
    const snapshot = await settled()
    expect(snapshot).toMatchObject({ error: { code: 'CONNECTION_LOST' }, source: 'cache', complete: true })
    expect(snapshot.tags).toHaveLength(20)
    expect(row(snapshot, 'v15')).toMatchObject({ detail: 'missing', error: null })
    expect(row(snapshot, 'v29')).toMatchObject({ detail: 'ready' })
    expect(setting.reports.at(-1)).toBe('CONNECTION_LOST')
  })

  it('forgets tags that are gone', async () => {
    push('v1', '01')
    push('v2', '02')
    read()
    await settled()
    setting.fake.untag('library/app', 'v1')
    read('force')
    expect(names(await settled())).toEqual(['v2'])
  })

  it('knows everything again after a restart without a network', async () => {
    push('v1', '01', { 'org.opencontainers.image.title': 'App' })
    read()
    const before = await settled()
    await setting.restart()
    setting.fake.down = 'CONNECTION_REFUSED'
    setting.time += 86_400_000
    const first = read()
    expect(first).toMatchObject({
      tags: before.tags,
      description: before.description,
      fetchedAt: before.fetchedAt,
    })
    expect(await settled()).toMatchObject({
      tags: before.tags,
      error: { code: 'CONNECTION_REFUSED' },
      source: 'cache',
    })
  })

  it('keeps the tags when the registry does not know the name (any more, or for this account)', async () => {
    push('v1', '01')
    read()
    await settled()
    setting.fake.repositories.delete('library/app')
    read('force')
    expect(await settled()).toMatchObject({ tags: [{ name: 'v1' }], error: { code: 'NAME_UNKNOWN' } })
  })

  it('leaves no trace of a name that the registry never knew', async () => {
    read()
    expect(await settled()).toMatchObject({ tags: [], fetchedAt: null, error: { code: 'NAME_UNKNOWN' } })
  })
})

describe('while details are read', () => {
  beforeEach(() => {
    for (let n = 0; n < 40; n += 1) push(`v${n}`, `${(n % 27) + 1}`.padStart(2, '0'))
  })

  it('reads the tags on screen first', async () => {
    const open = setting.fake.hold(/TAGS/)
    read()
    setting.browse.repositories.focus({ ...key, tags: ['v3', 'v7'] })
    open()
    await settled()
    const details = setting.fake.requests.filter((request) => request.startsWith('GET library/app v'))
    expect(details.slice(0, 2)).toEqual(['GET library/app v3', 'GET library/app v7'])
    expect(details[2]).toBe('GET library/app v39')
  })

  it('stops when the window leaves, and goes on when it comes back', async () => {
    const open = setting.fake.hold(/GET library\/app v(1|2|3)\d?$/)
    read()
    await waitFor(() => expect(setting.fake.count('GET')).toBeGreaterThan(5))
    setting.browse.repositories.leave(key)
    open()
    const back = read()
    expect(back).toMatchObject({ refreshing: true, error: null })
    const snapshot = await settled()
    expect(snapshot.tags.every((tag) => tag.detail === 'ready')).toBe(true)
    expect(setting.fake.count('TAGS')).toBe(1)
  })

  it('takes a forced refresh that comes in the middle as a wish to ask for every tag', async () => {
    read()
    await settled()
    setting.time += 61_000
    push('new', '28')
    const open = setting.fake.hold(/GET library\/app new/)
    read()
    await waitFor(() => expect(setting.fake.count('GET library/app new')).toBe(1))
    read('force')
    open()
    await settled()
    expect(setting.fake.count('HEAD library/app v')).toBe(40)
  })
})

describe('after a push or a delete', () => {
  it('reads the changed tag now and tells the window and the catalog', async () => {
    push('v1', '01')
    await setting.browse.noteChanged('r', 'library/app', 'v1')
    setting.browse.catalogs.read({ registryId: 'r', section: 'public', refresh: 'never' })
    const digest = push('v1', '09')
    push('v0', '01')
    setting.fake.requests.length = 0
    await setting.browse.noteChanged('r', 'library/app', 'v1')
    expect(setting.fake.count('GET library/app v0')).toBe(0)
    const snapshot = read('never')
    expect(row(snapshot, 'v1')).toMatchObject({ digest, detail: 'ready' })
    expect(setting.last('catalog:summarized')?.summaries).toMatchObject([
      { name: 'library/app', newestTag: 'v1' },
    ])
  })

  it('cuts in on a refresh that runs, which then goes on', async () => {
    for (let n = 10; n < 30; n += 1) push(`v${n}`, '01')
    const open = setting.fake.hold(/GET library\/app v/)
    read()
    await waitFor(() => expect(setting.fake.count('GET')).toBe(16))
    push('mine', '09')
    await setting.browse.noteChanged('r', 'library/app', 'mine')
    expect(row(read('never'), 'mine')).toMatchObject({ detail: 'ready' })
    open()
    expect((await settled()).tags.every((tag) => tag.detail === 'ready')).toBe(true)
  })

  it('loses no change when two come at once', async () => {
    push('a', '01')
    push('b', '01')
    read()
    await settled()
    const digests = [push('a', '08'), push('b', '09')]
    const open = setting.fake.hold(/HEAD library\/app a/)
    const first = setting.browse.noteChanged('r', 'library/app', 'a')
    await waitFor(() => expect(setting.fake.count('HEAD library/app a')).toBe(1))
    open()
    await Promise.all([first, setting.browse.noteChanged('r', 'library/app', 'b')])
    expect([row(read('never'), 'a')?.digest, row(read('never'), 'b')?.digest]).toEqual(digests)
  })

  it('reads the list for a change of our own though the window left meanwhile, once it is back', async () => {
    push('v1', '01')
    read()
    await settled()
    push('v2', '02')
    const open = setting.fake.hold(/TAGS library\/app/)
    const change = setting.browse.noteChanged('r', 'library/app', 'v2')
    await waitFor(() => expect(setting.fake.count('TAGS library/app 0')).toBe(2))
    setting.browse.repositories.leave(key)
    open()
    await change
    read()
    expect(names(await settled())).toEqual(['v2', 'v1'])
  })

  it('misses none of many changes that follow one another closely', async () => {
    push('v1', '01')
    read()
    await settled()
    const tags = ['v2', 'v3', 'v4', 'v5', 'v6', 'v7']
    const changes: Promise<void>[] = []
    for (const [index, tag] of tags.entries()) {
      push(tag, `0${index + 2}`)
      changes.push(setting.browse.noteChanged('r', 'library/app', tag))
      for (let turn = 0; turn < index * 4; turn += 1) await Promise.resolve()
    }
    await Promise.all(changes)
    await waitFor(() => expect(names(read('never')).sort()).toEqual(['v1', ...tags]))
  })

  it('shows no tags when the last one went with the repository', async () => {
    push('v1', '01')
    read()
    await settled()
    setting.fake.repositories.delete('library/app')
    await setting.browse.noteChanged('r', 'library/app')
    expect(read('never')).toMatchObject({ tags: [], complete: true, error: null })
  })

  it('resolves also when the registry is away', async () => {
    setting.fake.down = 'TIMED_OUT'
    await setting.browse.noteChanged('r', 'library/app', 'v1')
    expect(read('never')).toMatchObject({ error: { code: 'TIMED_OUT' } })
  })
})

describe('a repository of 5,000 tags', () => {
  it('never holds up the program for long, and comes back whole', async () => {
    for (let n = 0; n < 5000; n += 1) {
      const created = new Date(1_600_000_000_000 + n * 60_000).toISOString()
      setting.fake.tag('library/app', `1.${n}`, setting.fake.image({ created, layers: [n, 7] }).digest)
    }
    let longest = 0
    let before = ownTime()
    const timer = setInterval(() => {
      longest = Math.max(longest, ownTime() - before)
      before = ownTime()
    }, 1)
    read()
    const snapshot = await waitFor(
      () => {
        const sent = setting.last('repository:changed')
        if (!sent || sent.refreshing) throw new Error('still refreshing')
        return sent
      },
      { timeout: 60_000, interval: 200 },
    )
    clearInterval(timer)
    expect(snapshot.tags).toHaveLength(5000)
    expect(snapshot.newestTag).toBe('1.4999')
    expect(longest).toBeLessThan(150)
  }, 90_000)
})
