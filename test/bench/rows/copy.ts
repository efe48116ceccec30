import { startRegistry, type Registry } from '../../lab/registry'
import { temporaryFolder } from '../../lab/temporary'
import { newSeed, writeLargeArchive } from '../archive'
import { timed, type Ground, type Row } from '../row'
import { draftOf, openServices, type OpenServices } from '../services'
import { settle } from '../settle'
import { skopeoCopy } from '../skopeo'

const source = { repository: 'bench/source', tag: '1' }

interface Setting extends OpenServices {
  registry: Registry
  registryId: string
  digest: string
}

/** A registry with an image of 500 MB, known to the services. */
async function setting(ground: Ground): Promise<Setting> {
  const registry = ground.own(await startRegistry({ name: 'source' }), (part) => part.stop())
  const folder = temporaryFolder('bench-archive')
  const { path } = writeLargeArchive(folder.join('image.tar'), newSeed(), 'only')
  await skopeoCopy(`docker-archive:${path}`, `docker://${registry.host}/${source.repository}:${source.tag}`)
  folder.remove()
  const open = ground.own(openServices(), (part) => part.close())
  open.services.start()
  const { id: registryId } = await open.services.registries.add(draftOf(registry.host))
  const { digest } = await open.services.registries
    .client(registryId)
    .headManifest(source.repository, source.tag)
  return { ...open, registry, registryId, digest }
}

async function copyOurs(
  { run, registryId, digest }: Setting,
  to: { registryId: string; repository: string },
): Promise<number> {
  await settle()
  return timed(() =>
    run({
      ...{ kind: 'copy', digest, ...to, tag: '1', replaces: null, removeSource: false },
      from: { registryId, repository: source.repository, reference: source.tag },
    }),
  )
}

async function copyPeer({ registry }: Setting, host: string, repository: string): Promise<number> {
  await settle()
  const from = `docker://${registry.host}/${source.repository}:${source.tag}`
  return timed(() => skopeoCopy(from, `docker://${host}/${repository}:1`))
}

async function withTarget(work: (target: Registry) => Promise<number>): Promise<number> {
  const target = await startRegistry({ name: 'target' })
  try {
    return await work(target)
  } finally {
    await target.stop()
  }
}

export const copyRegistries: Row = {
  name: 'copy-registries',
  unit: 'ms',
  what: 'an image of 500 MB copied from one registry to another',
  peerName: 'skopeo copy docker://',
  goal: 0.9,
  async open(ground) {
    const known = await setting(ground)
    const { registries } = known.services
    const repository = 'bench/copied'
    return {
      ours: () =>
        withTarget(async ({ host }) => {
          const { id } = await registries.add(draftOf(host))
          const time = await copyOurs(known, { registryId: id, repository })
          await registries.remove(id)
          return time
        }),
      peer: () => withTarget(({ host }) => copyPeer(known, host, repository)),
    }
  },
}

export const retag: Row = {
  name: 'retag',
  unit: 'ms',
  what: 'an image of 500 MB into another repository of the same registry',
  peerName: 'skopeo copy docker://',
  goal: 0.5,
  async open(ground) {
    const known = await setting(ground)
    const { registryId, registry } = known
    let count = 0
    return {
      ours: () => copyOurs(known, { registryId, repository: `bench/ours-${(count += 1)}` }),
      peer: () => copyPeer(known, registry.host, `bench/peer-${(count += 1)}`),
    }
  },
}
