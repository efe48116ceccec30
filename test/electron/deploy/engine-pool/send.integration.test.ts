/** An image sent from its registry into engines that cannot reach it. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeploymentImage } from '@shared/deployment'
import type { Progress } from '@shared/job'
import { obtainImage } from '../../../../electron/deploy/engine-pool/image'
import { Job, usualPatience } from '../../../../electron/deploy/engine-pool/job'
import { sendImage } from '../../../../electron/deploy/engine-pool/send'
import { silentLog } from '../../../../electron/log'
import { RegistryClient } from '../../../../electron/registry/client'
import { type Engine, startEngine } from '../../../lab/engine'
import { buildImage, buildIndex } from '../../../lab/oci-image'
import { type Podman, startPodman } from '../../../lab/podman'
import { startRegistry, type Registry } from '../../../lab/registry'
import { connectionTo, contextOf } from './sample-pool'

let registry: Registry
let docker: Engine
let podman: Podman
let client: RegistryClient
/** Digests of an index of two platforms, and of its image for this machine. */
let index = ''
let config = ''

beforeAll(async () => {
  ;[registry, docker, podman] = await Promise.all([startRegistry(), startEngine(), startPodman()])
  client = new RegistryClient({
    endpoint: { host: registry.host, protocol: 'http', trust: { kind: 'system' } },
    resolveCredential: () => Promise.resolve(null),
    confirmedRealms: () => [],
    log: silentLog,
  })
  const layers = [300_000, 2_000_000].map((size, at) => ({ size, share: 1, seed: `sent-${at}` }))
  const [own, other] = ['amd64', 'arm64'].map((architecture) =>
    buildImage({ seed: 'sent', format: 'oci', platform: { os: 'linux', architecture }, layers }),
  )
  if (!own || !other) throw new Error('no images')
  const both = buildIndex('oci', [other, own])
  index = both.manifest.digest
  config = (JSON.parse(own.manifest.data.toString()) as { config: { digest: string } }).config.digest
  registry.storage.put('team/sent', both, 'v1')
})
afterAll(async () => {
  client?.close()
  await Promise.all([docker?.stop(), podman?.stop(), registry?.stop()])
})

describe.each([
  ['docker', () => docker.host],
  ['podman', () => podman.host],
] as const)('%s', (kind, host) => {
  // A name that the engine could not pull by.
  const imageOf = (digest: string | null): DeploymentImage => ({
    reference: digest ? `registry.invalid/team/sent@${digest}` : 'registry.invalid/team/sent:v1',
    ...{ digest, registryId: 'r', repository: 'team/sent', tag: digest ? null : 'v1', delivery: 'send' },
  })

  it.each([
    ['a tag', () => null],
    ['a digest', () => index],
  ])('takes the image for its platform by %s', async (_by, digest) => {
    const connection = await connectionTo(host(), kind)
    const image = imageOf(digest())
    const seen: Progress[] = []
    const context = contextOf({ report: (progress) => seen.push(progress) })
    const send = () =>
      sendImage({
        ...context,
        client,
        repository: 'team/sent',
        image,
        platform: 'linux/amd64',
        docker: connection.docker,
      })
    const job = new Job(connection, context, usualPatience)
    const ready = await obtainImage(job, image, null, { auth: null, send })
    expect(ready).toMatchObject({ id: config, digest: index })
    const last = seen.at(-1)
    expect(last).toMatchObject({ phase: 'copying', completed: last?.total })
    expect(last?.parts.map(({ state }) => state)).toEqual(['done', 'done'])
  })

  it('leaves nothing of an image whose layer is not what it says', async () => {
    const connection = await connectionTo(host(), kind)
    const image = { ...imageOf(null), reference: 'registry.invalid/team/forged:v1' }
    const forged: typeof client.openBlob = async (repository, descriptor, options) => {
      const stream = await client.openBlob(repository, descriptor, options)
      const failing = stream.once('data', () => stream.destroy(new Error(randomBytes(4).toString('hex'))))
      return failing
    }
    const bad = {
      fetchManifest: client.fetchManifest.bind(client),
      fetchConfig: client.fetchConfig.bind(client),
      openBlob: forged,
    }
    const sending = sendImage({
      ...contextOf(),
      ...{ client: bad, repository: 'team/sent', image, platform: 'linux/amd64', docker: connection.docker },
    })
    await expect(sending).rejects.toThrow()
    await expect(connection.docker.getImage(image.reference).inspect()).rejects.toThrow()
  })

  it('says which platforms there are', async () => {
    const connection = await connectionTo(host(), kind)
    const options = {
      ...contextOf(),
      client,
      repository: 'team/sent',
      image: imageOf(null),
      docker: connection.docker,
    }
    await expect(sendImage({ ...options, platform: 'linux/s390x' })).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
      detail: expect.stringContaining('linux/arm64') as unknown,
    })
  })
})
