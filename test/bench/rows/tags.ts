import { setImmediate as breathe } from 'node:timers/promises'
import { runCommand } from '../../lab/command'
import { buildImage } from '../../lab/oci-image'
import { startRegistry, type Registry } from '../../lab/registry'
import { bareClient, eachOf } from '../bare'
import { timed, type Ground, type Race, type Row } from '../row'
import { draftOf, openServices } from '../services'

const count = 1000
const inspected = 50
const repository = 'bench/many-tags'
const names = Array.from({ length: count }, (_, index) => `v1.${index}`)
const manifestTypes = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ')

/** A thousand tags with a manifest and a config each; the small layer is one. */
async function seed(registry: Registry): Promise<void> {
  for (const [index, name] of names.entries()) {
    const created = new Date(Date.UTC(2021, 0, 1) + index * 3600_000).toISOString()
    const labels = { 'org.opencontainers.image.version': name }
    const layers = [{ size: 4096, seed: 'tags' }]
    const image = buildImage({ seed: name, format: 'docker', created, layers, config: { Labels: labels } })
    registry.storage.put(repository, image, name)
    if (index % 50 === 49) await breathe()
  }
}

async function fetchBare(url: string): Promise<void> {
  const client = bareClient(url, 16)
  const { body } = await client.fetch(`/v2/${repository}/tags/list`)
  const { tags } = JSON.parse(body.toString()) as { tags: string[] }
  if (tags.length !== count) throw new Error(`${tags.length} tags`)
  await eachOf(tags, 16, async (tag) => {
    const manifest = await client.fetch(`/v2/${repository}/manifests/${tag}`, manifestTypes)
    const { config } = JSON.parse(manifest.body.toString()) as { config: { digest: string } }
    await client.fetch(`/v2/${repository}/blobs/${config.digest}`)
  })
  client.close()
}

async function readOurs(registry: Registry): Promise<number> {
  const { services, next, close } = openServices()
  const { id: registryId } = await services.registries.add(draftOf(registry.host))
  const key = { registryId, repository }
  // Only of a listed repository a summary is told.
  services.browse.catalogs.noteRepository(registryId, repository)
  const time = await timed(async () => {
    // The summary is made when the last tag was read.
    const whole = next('catalog:summarized', ({ summaries }) => summaries[0]?.name === repository)
    services.browse.repositories.read({ ...key, refresh: 'auto' })
    await whole
  })
  const { tags } = services.browse.repositories.read({ ...key, refresh: 'never' })
  const ready = tags.filter((tag) => tag.created !== null && tag.size !== null && tag.platforms.length === 1)
  await close()
  if (ready.length !== count) throw new Error(`${ready.length} tags are whole`)
  return time
}

async function openTags(ground: Ground, peer: (registry: Registry) => Promise<number>): Promise<Race> {
  const registry = ground.own(await startRegistry({ name: 'bench' }), (part) => part.stop())
  await seed(registry)
  await fetchBare(registry.url)
  return {
    ours: () => readOurs(registry),
    peer: () => peer(registry),
  }
}

export const tags: Row = {
  name: 'tags-1k',
  unit: 'ms',
  what: '1,000 tags with created, size and platforms, cold',
  peerName: 'bare fetches, 16 at a time',
  goal: 1.1,
  open: (ground) => openTags(ground, (registry) => timed(() => fetchBare(registry.url))),
}

export const tagsSkopeo: Row = {
  name: 'tags-1k-skopeo',
  unit: 'ms',
  what: '1,000 tags with created, size and platforms, cold',
  peerName: `skopeo inspect per tag (${inspected} of them, scaled)`,
  goal: 0.1,
  open: (ground) =>
    openTags(ground, async ({ host }) => {
      const time = await timed(async () => {
        for (const name of names.slice(0, inspected)) {
          const reference = `docker://${host}/${repository}:${name}`
          await runCommand('skopeo', ['inspect', '--no-tags', '--tls-verify=false', reference], {
            env: process.env,
          })
        }
      })
      return (time * count) / inspected
    }),
}
