import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { mediaTypes } from '@shared/oci'
import type { PoolDriver } from '../../../electron/deploy/driver'
import { createDeployForm, type DeployFormParts } from '../../../electron/jobs/deploy-form'
import { createDeployPlanner } from '../../../electron/jobs/deploy-plan'
import type { Client } from '../../../electron/jobs/registry-access'
import { AppError } from '@shared/error'

const digest = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
const descriptor = (name: string) => ({ mediaType: mediaTypes.ociConfig, digest: digest(name), size: 10 })
const config = { ExposedPorts: { '8080/tcp': {}, '53/udp': {} }, Volumes: { '/var/lib/data': {} } }

/** A registry with an index of two platforms, whose images open other ports. */
const client = {
  fetchManifest: (_repository: string, reference: string) => {
    const entry = (architecture: string) => ({
      ...descriptor(architecture),
      platform: { os: 'linux', architecture },
    })
    const content =
      reference === 'v1'
        ? { kind: 'index', index: { schemaVersion: 2, manifests: [entry('arm64'), entry('amd64')] } }
        : {
            kind: 'manifest',
            manifest: { schemaVersion: 2, config: descriptor(`of ${reference}`), layers: [] },
          }
    return Promise.resolve({ digest: digest(reference), mediaType: '', bytes: Buffer.alloc(0), content })
  },
  fetchConfig: (_repository: string, { digest: wanted }: { digest: string }) => {
    const isOurs = wanted === digest(`of ${digest('amd64')}`)
    return Promise.resolve({ bytes: Buffer.alloc(0), config: { config: isOurs ? config : {} } })
  },
} as unknown as Client

const inPool = (image: object | null): PoolDriver =>
  ({
    connection: {
      kind: 'docker',
      docker: {
        getImage: () => ({
          inspect: () => (image ? Promise.resolve(image) : Promise.reject(new Error('no'))),
        }),
      },
    },
    facts: () => Promise.reject(new AppError('ENGINE_STOPPED', { side: 'engine' })),
  }) as unknown as PoolDriver

const parts = (image: object | null): DeployFormParts => ({
  registries: {
    host: () => '127.0.0.1:5000',
    engineAuth: () => Promise.resolve(null),
    client: () => client,
    report: () => undefined,
  },
  engine: {
    state: { platform: 'linux/amd64' } as DeployFormParts['engine']['state'],
    rawImage: () => Promise.resolve({ Config: config }),
  },
  pools: { name: () => 'pool', driver: () => Promise.resolve(inPool(image)), list: () => ({ pools: [] }) },
})

it('fills a form from the image of the registry for the pool’s platform', async () => {
  const source = { kind: 'registry', registryId: 'r', repository: 'team/shop', reference: 'v1' } as const
  const spec = await createDeployForm(parts(null))({ poolId: null, source, platform: null })
  expect(spec.name).toBe('shop')
  expect(spec.image).toEqual({
    ...{ reference: '127.0.0.1:5000/team/shop:v1', digest: null, registryId: 'r' },
    ...{ repository: 'team/shop', tag: 'v1', delivery: 'pull' },
  })
  expect(spec.ports.map(({ container, protocol }) => `${container}/${protocol}`)).toEqual([
    '8080/tcp',
    '53/udp',
  ])
  expect(spec.volumes).toMatchObject([{ kind: 'volume', path: '/var/lib/data' }])
})

it('sends a local image where the pool has it not', async () => {
  const request = { poolId: 'p', source: { kind: 'local', reference: 'shop:1' }, platform: null } as const
  const away = await createDeployForm(parts(null))(request)
  expect(away.image).toMatchObject({ reference: 'shop:1', registryId: null, delivery: 'send' })
  expect(away.ports).toHaveLength(2)
  const there = await createDeployForm(parts({ Config: config }))(request)
  expect(there.image).toMatchObject({ delivery: 'present' })
})

it('plans without the pool where it does not answer, and says why', async () => {
  const source = { kind: 'registry', registryId: 'r', repository: 'team/shop', reference: 'v1' } as const
  const spec = await createDeployForm(parts(null))({ poolId: null, source, platform: null })
  const plan = await createDeployPlanner(parts(null).pools)({ poolId: 'p', id: null, spec })
  expect(plan).toMatchObject({ problems: [], error: { code: 'ENGINE_STOPPED' } })
  expect(plan.command).toContain('docker run')
})
