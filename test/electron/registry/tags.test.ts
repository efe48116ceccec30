import { expect, it } from 'vitest'
import { clientOf, collect, failure, later } from '../../support/registry/clients'
import { InProcessRegistry } from '../../support/registry/in-process-registry'
import { json } from '../../support/registry/test-server'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())

it('lists the tags of a repository with slashes in its name', async () => {
  const registry = await start()
  for (const tag of ['v1', 'v2', 'latest']) registry.seed('team/sub/app', tag)
  const pages = await collect(clientOf(registry.endpoint()).listTags('team/sub/app'))
  expect(pages).toEqual([{ items: ['latest', 'v1', 'v2'], cut: false }])
})

it('takes null for none and leaves out what is no tag', async () => {
  const registry = await start()
  registry.on('GET', /tags/, json(200, { name: 'a', tags: null }), 1)
  expect(await collect(clientOf(registry.endpoint()).listTags('a'))).toEqual([{ items: [], cut: false }])
  registry.on('GET', /tags/, json(200, { name: 'a', tags: ['ok', '-no', 'a/b', 'x'.repeat(129), 3] }))
  expect(await collect(clientOf(registry.endpoint()).listTags('a'))).toEqual([{ items: ['ok'], cut: false }])
})

it('is NAME_UNKNOWN for a repository that is not there, and NAME_INVALID before anything is sent', async () => {
  const registry = await start()
  const client = clientOf(registry.endpoint())
  const error = await failure(collect(client.listTags('nobody/knows')), 'NAME_UNKNOWN')
  expect(error.context).toMatchObject({ repository: 'nobody/knows', host: registry.host, status: 404 })
  for (const name of ['../a', 'A', 'a?b', 'a//b', ''])
    await failure(collect(client.listTags(name)), 'NAME_INVALID')
  expect(registry.requests).toHaveLength(1)
})
