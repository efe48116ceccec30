import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CatalogSnapshot, ImageSnapshot, RepositorySnapshot } from '@shared/browse'
import { events, type Emit, type EventName, type EventPayload } from '@shared/contract'
import { Browse } from '../../../electron/browse/browse'
import { openCache, type Cache } from '../../../electron/cache/cache'
import { silentLog } from '../../../electron/log'
import { RegistryClient } from '../../../electron/registry/client'
import { startLab, type Lab } from '../../lab/lab'
import { buildImage } from '../../lab/oci-image'
import { seedMany } from '../../lab/seed'
import { registry as anyRegistry } from './setting'
import { waitFor } from '../../support/wait'

let lab: Lab<{ publicRegistry: object }>
beforeAll(async () => {
  lab = await startLab({ publicRegistry: {} })
})
afterAll(() => lab.stop())

/** The program, from its start to its end, over one folder. */
class Program {
  readonly cache: Cache
  readonly browse: Browse
  private readonly client: RegistryClient
  private readonly sent: { name: EventName; payload: unknown }[] = []

  constructor(folder: string) {
    const { host } = lab.publicRegistry
    this.client = new RegistryClient({
      endpoint: { host, protocol: 'http', trust: { kind: 'system' } },
      resolveCredential: () => Promise.resolve(null),
      confirmedRealms: () => [],
      log: silentLog,
    })
    const emit: Emit = (name, payload) => {
      events[name].parse(payload)
      this.sent.push({ name, payload })
    }
    this.cache = openCache(folder, silentLog)
    this.browse = new Browse({
      cache: this.cache,
      emit,
      log: silentLog,
      registries: {
        client: () => this.client,
        get: () => ({ ...anyRegistry, host, privateRole: { namespace: 'big' } }),
        report: () => undefined,
      },
    })
  }

  /** The first snapshot after the given one that is no longer being refreshed. */
  after<K extends 'catalog:changed' | 'repository:changed' | 'image:changed'>(
    name: K,
    asked: { revision: number },
  ): Promise<EventPayload<K>> {
    return waitFor(
      () => {
        const payloads = this.sent.filter((event) => event.name === name).map((event) => event.payload)
        const last = payloads.at(-1) as EventPayload<K> | undefined
        if (!last || last.refreshing || last.revision <= asked.revision) throw new Error('still refreshing')
        return last
      },
      { timeout: 60_000, interval: 50 },
    )
  }

  count(name: EventName): number {
    return this.sent.filter((event) => event.name === name).length
  }

  async end(): Promise<void> {
    await this.browse.stop()
    this.client.close()
    this.cache.close()
  }
}

let folder: string
let program: Program
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-browse-'))
  program = new Program(folder)
})
afterEach(async () => {
  await program.end()
  rmSync(folder, { recursive: true })
})

const key = { registryId: 'r', repository: 'library/nginx' }
const catalog = (refresh: 'auto' | 'never' = 'auto'): CatalogSnapshot =>
  program.browse.catalogs.read({ registryId: 'r', section: 'public', refresh })
const repository = (): RepositorySnapshot => program.browse.repositories.read({ ...key, refresh: 'auto' })
const image = (reference: string): ImageSnapshot =>
  program.browse.images.read({ ...key, reference, refresh: 'auto' })

describe('a real registry', () => {
  it('is browsed from its catalog to one image, and again without it after a restart', async () => {
    const listed = await program.after('catalog:changed', catalog())
    // The rows came with an earlier notice; this one tells that the list is whole.
    const rows = catalog('never').repositories
    expect(rows).toHaveLength(10)
    expect(listed).toMatchObject({ listing: 'supported', complete: true, error: null })

    program.browse.catalogs.summarize(
      'r',
      rows.map(({ name }) => name),
    )
    await waitFor(
      () => expect(catalog('never').repositories.every(({ newestTag }) => newestTag !== null)).toBe(true),
      { timeout: 30_000 },
    )
    expect(
      catalog('never').repositories.find(({ name }) => name === key.repository)?.description,
    ).toBeTruthy()

    const tags = await program.after('repository:changed', repository())
    expect(tags.error).toBeNull()
    expect(tags.tags.filter(({ detail }) => detail !== 'ready')).toEqual([])
    expect(tags.description).toMatchObject({ source: 'https://example.com/nginx' })
    expect(tags.tags.find(({ name }) => name === 'latest')).toMatchObject({ kind: 'index' })
    expect(tags.tags.find(({ name }) => name.startsWith('chart'))).toMatchObject({ kind: 'artifact' })

    const latest = await program.after('image:changed', image('latest'))
    expect(latest).toMatchObject({ kind: 'index', complete: true, error: null })
    expect(latest.variants.map(({ kind }) => kind).sort()).toEqual([
      'attestation',
      'attestation',
      'image',
      'image',
    ])
    const layers = latest.variants.find(({ kind }) => kind === 'image')?.image?.layers ?? []
    expect(layers[0]).toMatchObject({ instruction: 'ADD file:5d04aa8c /' })
    expect(layers.some(({ instruction }) => instruction?.startsWith('CMD '))).toBe(true)
    expect(program.cache.knownDiffIds('r', key.repository).size).toBeGreaterThan(3)

    const newest = tags.newestTag
    await lab.publicRegistry.halt()
    try {
      await program.end()
      program = new Program(folder)
      expect(catalog()).toMatchObject({
        repositories: { length: 10 },
        complete: true,
        fetchedAt: listed.fetchedAt,
      })
      expect(repository()).toMatchObject({
        tags: tags.tags,
        newestTag: newest,
        description: tags.description,
      })
      const offline = image('latest')
      expect(offline.variants).toEqual(latest.variants)
      const forced = program.browse.repositories.read({ ...key, refresh: 'force' })
      expect(await program.after('repository:changed', forced)).toMatchObject({
        source: 'cache',
        fetchedAt: tags.fetchedAt,
        tags: tags.tags,
        error: { code: 'CONNECTION_REFUSED' },
      })
      const unseen = await program.after(
        'repository:changed',
        program.browse.repositories.read({ registryId: 'r', repository: 'library/unseen', refresh: 'auto' }),
      )
      expect(unseen).toMatchObject({ fetchedAt: null, tags: [], error: { code: 'CONNECTION_REFUSED' } })
    } finally {
      await lab.publicRegistry.start()
    }
  })

  it('shows a push at once, and a tag that was covered as what it is now', async () => {
    const spec = {
      seed: 'mine',
      format: 'oci',
      created: '2024-01-01T00:00:00Z',
      layers: [{ size: 4096 }],
    } as const
    const repositoryName = 'library/mine'
    lab.publicRegistry.storage.put(repositoryName, buildImage({ ...spec, layers: [...spec.layers] }), 'v1')
    await program.browse.noteChanged('r', repositoryName, 'v1')
    expect(catalog('never').repositories).toContainEqual(
      expect.objectContaining({ name: repositoryName, newestTag: 'v1' }),
    )
    const covered = buildImage({ ...spec, seed: 'covered', layers: [{ size: 8192 }] })
    lab.publicRegistry.storage.put(repositoryName, covered, 'v1')
    await program.browse.noteChanged('r', repositoryName, 'v1')
    const { tags } = program.browse.repositories.read({
      registryId: 'r',
      repository: repositoryName,
      refresh: 'never',
    })
    expect(tags).toMatchObject([{ name: 'v1', digest: covered.manifest.digest, detail: 'ready' }])
  })

  it('lists ten thousand repositories page by page without a flood of snapshots', async () => {
    await seedMany(lab.publicRegistry.storage, 10_000, 1)
    const begun = performance.now()
    const bigCatalog = { registryId: 'r', section: 'private' } as const
    const big = program.browse.catalogs.read({ ...bigCatalog, refresh: 'auto' })
    const { count } = await program.after('catalog:changed', big)
    const seconds = (performance.now() - begun) / 1000
    expect(count).toBe(10_000)
    const { repositories } = program.browse.catalogs.read({ ...bigCatalog, refresh: 'never' })
    expect(repositories).toHaveLength(10_000)
    expect(program.count('catalog:changed')).toBeLessThanOrEqual(2 + 4 * seconds)
  })
})
