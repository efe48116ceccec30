import { afterAll, describe, expect, it } from 'vitest'
import { mediaTypes } from '@shared/oci'
import { silentLog } from '../../../electron/log'
import { inspectCertificate } from '../../../electron/registry/certificate'
import { checkCredential } from '../../../electron/registry/check-credential'
import type { Credential, RegistryClient, RegistryEndpoint } from '../../../electron/registry/client'
import { probe } from '../../../electron/registry/probe'
import { buildImage, type Image } from '../../lab/oci-image'
import { type Registry, type RegistryOptions, startRegistry } from '../../lab/registry'
import { seedMany, seedPublic, seedTenant } from '../../lab/seed'
import { until } from '../../lab/until'
import { clientOf, collect, failure } from '../../support/registry/clients'

const running: Registry[] = []
afterAll(async () => {
  for (const registry of running) await registry.stop()
})

async function start(options: RegistryOptions): Promise<Registry> {
  const registry = await startRegistry(options)
  running.push(registry)
  return registry
}

const endpointOf = (registry: Registry): RegistryEndpoint => ({
  host: registry.host,
  protocol: registry.url.startsWith('https') ? 'https' : 'http',
  trust: registry.authority ? { kind: 'pem', pem: registry.authority.pem } : { kind: 'system' },
})

function credentialOf(registry: Registry, name: string): Credential {
  const account = registry.accounts[name]
  if (!account) throw new Error(`no account ${name}`)
  return { username: account.name, password: account.password }
}

const as = (registry: Registry, name: string | null): RegistryClient =>
  clientOf(endpointOf(registry), {
    resolveCredential: () => Promise.resolve(name === null ? null : credentialOf(registry, name)),
  })

const names = async (list: AsyncIterable<{ items: string[] }>): Promise<string[]> =>
  (await collect(list)).flatMap(({ items }) => items)

const imageFor = (seed: string): Image => buildImage({ seed, format: 'oci', layers: [{ size: 4096, seed }] })

/** Pushes as the program does: blobs first, the manifest last. */
async function push(client: RegistryClient, repository: string, tag: string, image: Image): Promise<string> {
  for (const blob of image.blobs) await client.uploadBlob(repository, blob.data)
  const { mediaType, data } = image.manifest
  return (await client.putManifest(repository, tag, { mediaType, bytes: data })).digest
}

describe('an open registry', () => {
  it('is listed, read, written and deleted from', async () => {
    const registry = await start({ auth: 'none' })
    const seeded = seedPublic(registry.storage)
    const client = as(registry, null)
    await client.ping()
    expect((await names(client.listRepositories({ pageSize: 3 }))).sort()).toEqual(Object.keys(seeded).sort())
    for (const [repository, tags] of Object.entries(seeded)) {
      expect((await names(client.listTags(repository))).sort()).toEqual([...tags].sort())
      for (const tag of tags) {
        const head = await client.headManifest(repository, tag)
        const fetched = await client.fetchManifest(repository, head.digest)
        expect(fetched).toMatchObject({ digest: head.digest, mediaType: head.mediaType })
        if (fetched.content.kind === 'manifest' && fetched.mediaType === mediaTypes.dockerManifest) {
          const { config } = await client.fetchConfig(repository, fetched.content.manifest.config)
          expect(config.os).toBe('linux')
        }
      }
    }

    const image = imageFor('pushed')
    const digest = await push(client, 'team/new', 'v1', image)
    expect(digest).toBe(image.manifest.digest)
    await push(client, 'team/new', 'v2', image)
    expect((await client.headManifest('team/new', 'v2')).digest).toBe(digest)
    expect(await client.deleteTag('team/new', 'v2')).toBe('unsupported')
    await client.deleteManifest('team/new', digest)
    await failure(client.headManifest('team/new', 'v1'), 'MANIFEST_UNKNOWN')
    await failure(client.deleteManifest('team/new', digest), 'MANIFEST_UNKNOWN')
    await failure(collect(client.listTags('team/none')), 'NAME_UNKNOWN')
  })

  it('says where deletion is switched off, and what a manifest lacks', async () => {
    const registry = await start({ auth: 'none', delete: false })
    const client = as(registry, null)
    const image = imageFor('kept')
    const { mediaType, data } = image.manifest
    await failure(client.putManifest('a', 'v1', { mediaType, bytes: data }), 'MANIFEST_BLOB_UNKNOWN')
    const digest = await push(client, 'a', 'v1', image)
    await failure(client.deleteManifest('a', digest), 'DELETE_DISABLED')
  })

  it('lists 10,000 repositories', async () => {
    const registry = await start({ auth: 'none' })
    await seedMany(registry.storage, 10_000, 1)
    const pages = await collect(as(registry, null).listRepositories())
    expect(pages.flatMap(({ items }) => items)).toHaveLength(10_000)
    expect(pages.some(({ cut }) => cut)).toBe(false)
  })

  it('is offline and back', async () => {
    const registry = await start({ auth: 'none' })
    const client = as(registry, null)
    await client.ping()
    await registry.halt()
    await failure(client.ping(), 'CONNECTION_REFUSED')
    await registry.start()
    await client.ping()
  })
})

describe('Basic over TLS with a private authority', () => {
  it('lets in who has the password, and trusts only its own authority', async () => {
    const registry = await start({ auth: 'basic', tls: true })
    seedTenant(registry.storage)
    const client = as(registry, 'developer')
    await client.ping()
    expect(await names(client.listRepositories())).not.toEqual([])
    await push(client, '727524/pushed', 'v1', imageFor('basic'))
    await failure(as(registry, null).ping(), 'UNAUTHORIZED')
    await failure(collect(as(registry, null).listRepositories()), 'UNAUTHORIZED')

    const endpoint = endpointOf(registry)
    const right = credentialOf(registry, 'developer')
    await checkCredential(endpoint, right, [], { log: silentLog })
    const wrong = { ...right, password: 'wrong' }
    await failure(checkCredential(endpoint, wrong, [], { log: silentLog }), 'UNAUTHORIZED')
    await failure(clientOf({ ...endpoint, trust: { kind: 'system' } }).ping(), 'TLS_UNTRUSTED')
    await failure(clientOf({ ...endpoint, protocol: 'http' }).ping(), 'HTTP_EXPECTED_TLS')
  })

  it('shows its certificate, and what a test of the connection finds', async () => {
    const registry = await start({ auth: 'basic', tls: true })
    const endpoint = endpointOf(registry)
    const untrusted = await inspectCertificate(registry.host, { kind: 'system' })
    expect(untrusted).toMatchObject({ trusted: false, problem: { code: 'TLS_UNTRUSTED' } })
    expect((await inspectCertificate(registry.host, endpoint.trust)).trusted).toBe(true)
    const steps = await probe({
      endpoint,
      resolveCredential: () => Promise.resolve(credentialOf(registry, 'reader')),
      confirmedRealms: () => [],
      namespace: '727524',
      signal: new AbortController().signal,
      onSteps: () => {},
      log: silentLog,
    })
    expect(steps.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok'])
    expect(steps.flatMap(({ facts }) => facts)).toContainEqual({ kind: 'text', text: 'reader' })
  })
})

describe('Bearer with a token server on another port', () => {
  it('lets everybody read the public part, and each account do what it may', async () => {
    const registry = await start({ auth: 'bearer', tls: true })
    seedPublic(registry.storage)
    seedTenant(registry.storage)
    const nobody = as(registry, null)
    expect(await names(nobody.listTags('library/nginx'))).toContain('latest')
    await failure(collect(nobody.listTags('727524/portal')), 'UNAUTHORIZED')
    await failure(collect(nobody.listRepositories()), 'LISTING_UNSUPPORTED')

    const developer = as(registry, 'developer')
    await developer.ping()
    expect(await names(developer.listRepositories())).toContain('library/nginx')
    const digest = await push(developer, '727524/pushed', 'v1', imageFor('bearer'))
    await failure(push(developer, 'library/pushed', 'v1', imageFor('bearer')), 'DENIED')

    const reader = as(registry, 'reader')
    expect((await reader.headManifest('727524/pushed', 'v1')).digest).toBe(digest)
    await failure(reader.deleteManifest('727524/pushed', digest), 'DENIED')
    await failure(push(reader, '727524/pushed', 'v2', imageFor('other')), 'DENIED')
    await developer.deleteManifest('727524/pushed', digest)

    const wrong = { ...credentialOf(registry, 'developer'), password: 'wrong' }
    await failure(checkCredential(endpointOf(registry), wrong, [], { log: silentLog }), 'UNAUTHORIZED')
    await checkCredential(endpointOf(registry), credentialOf(registry, 'reader'), [], { log: silentLog })
  })

  it('goes on when its tokens end, asking once for many requests', async () => {
    const registry = await start({ auth: 'bearer', tls: true, tokenSeconds: 5 })
    seedTenant(registry.storage)
    const { tokens } = registry
    if (!tokens) throw new Error('no token server')
    const client = as(registry, 'developer')
    const [repository = ''] = (await names(client.listRepositories())).filter((name) =>
      name.startsWith('727524/'),
    )
    const [tag = ''] = await names(client.listTags(repository))
    const before = tokens.requests.granted
    await Promise.all(Array.from({ length: 50 }, () => client.headManifest(repository, tag)))
    expect(tokens.requests.granted - before).toBeLessThanOrEqual(1)
    const seen = tokens.requests.granted
    await until(
      'a second token',
      async () => {
        await Promise.all(Array.from({ length: 10 }, () => client.headManifest(repository, tag)))
        return tokens.requests.granted > seen
      },
      { interval: 500 },
    )
    expect(tokens.requests.granted).toBe(seen + 1)
    expect(tokens.requests.refused).toBe(0)
  })

  it('is UNAUTHORIZED once the account is taken away', async () => {
    const registry = await start({ auth: 'bearer', tls: true, tokenSeconds: 5 })
    seedTenant(registry.storage)
    const client = as(registry, 'developer')
    await client.ping()
    registry.tokens?.revoke('developer')
    await failure(collect(client.listRepositories()), 'UNAUTHORIZED')
  })
})
