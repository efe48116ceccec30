import { startRegistry, type Registry } from '../../lab/registry'
import { temporaryFolder } from '../../lab/temporary'
import { newSeed, writeLargeArchive, type MadeArchive } from '../archive'
import { timed, type Ground, type Race, type Row } from '../row'
import { draftOf, openServices } from '../services'
import { settle } from '../settle'
import { skopeoCopy } from '../skopeo'

const repository = 'bench/archive'

/** Pushes archives one after another to a new registry; answers the milliseconds of the last. */
type Push = (registry: Registry, archives: MadeArchive[]) => Promise<number>

/** Times the last of several pushes; what was written before it is on the disk by then. */
async function lastOf(
  archives: MadeArchive[],
  push: (archive: MadeArchive, tag: string) => Promise<unknown>,
): Promise<number> {
  let time = 0
  for (const [index, archive] of archives.entries()) {
    await settle()
    time = await timed(() => push(archive, `v${index}`))
  }
  return time
}

const ours: Push = async ({ host }, archives) => {
  const { services, run, close } = openServices()
  services.start()
  const { id: registryId } = await services.registries.add(draftOf(host))
  const time = await lastOf(archives, ({ path, digest }, tag) =>
    run({
      ...{ kind: 'archive-push', path, image: 0, digest, source: 'bench/archive:1' },
      ...{ registryId, repository, tag, replaces: null },
    }),
  )
  await close()
  return time
}

const peer: Push = ({ host }, archives) =>
  lastOf(archives, ({ path }, tag) =>
    skopeoCopy(`docker-archive:${path}`, `docker://${host}/${repository}:${tag}`),
  )

/** Each run has a registry of its own, so that nothing is there that another run sent. */
async function onNewRegistry(push: Push, archives: MadeArchive[]): Promise<number> {
  const registry = await startRegistry({ name: 'bench' })
  try {
    return await push(registry, archives)
  } finally {
    await registry.stop()
  }
}

function openPushes(ground: Ground, changes: string[]): Promise<Race> {
  const folder = ground.own(temporaryFolder('bench-archive'), (part) => part.remove())
  const seed = newSeed()
  const archives = changes.map((change) => writeLargeArchive(folder.join(`${change}.tar`), seed, change))
  return Promise.resolve({
    ours: () => onNewRegistry(ours, archives),
    peer: () => onNewRegistry(peer, archives),
  })
}

export const pushArchive: Row = {
  name: 'push-archive',
  unit: 'ms',
  what: 'a docker save tar of 500 MB, half of it compressible, pushed without an engine',
  peerName: 'skopeo copy docker-archive:',
  goal: 0.8,
  open: (ground) => openPushes(ground, ['first']),
}

export const pushArchiveAgain: Row = {
  name: 'push-archive-again',
  unit: 'ms',
  what: 'the same after a push of it, one small layer changed',
  peerName: 'skopeo copy docker-archive:',
  goal: 0.5,
  open: (ground) => openPushes(ground, ['first', 'second']),
}
