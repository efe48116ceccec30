import { expect, it } from 'vitest'
import { mediaTypes } from '@shared/oci'
import { referrersTag } from '../../../electron/registry/referrers'
import { clientOf, failure, later } from '../../support/registry/clients'
import { InProcessRegistry, sha256 } from '../../support/registry/in-process-registry'
import { json, plain, refusal } from '../../support/registry/test-server'

const start = async (): Promise<InProcessRegistry> => later(await InProcessRegistry.start())
const subject = sha256('an image')
const entry = (text: string): object => ({ mediaType: mediaTypes.ociManifest, digest: sha256(text), size: 3 })
const index = (...manifests: object[]): object => ({
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests,
})

it('reads the API, page by page', async () => {
  const registry = await start()
  const path = `/v2/a/referrers/${subject}`
  registry.on('GET', /last=1/, json(200, index(entry('two'), entry('one'))))
  registry.on(
    'GET',
    new RegExp(`${path}$`),
    json(200, index(entry('one')), { link: `<${path}?last=1>; rel="next"` }),
  )
  const found = await clientOf(registry.endpoint()).listReferrers('a', subject)
  expect(found.map(({ digest }) => digest)).toEqual([sha256('one'), sha256('two')])
})

it('ends where a list does not, and does not follow it to another host', async () => {
  const registry = await start()
  const loop = { link: `</v2/a/referrers/${subject}>; rel="next"` }
  registry.on('GET', /referrers/, json(200, index(entry('one')), loop))
  expect(await clientOf(registry.endpoint()).listReferrers('a', subject)).toHaveLength(1)
  expect(registry.requests.length).toBeLessThanOrEqual(50)
  registry.on(
    'GET',
    /referrers/,
    json(200, index(entry('one')), { link: '<http://other.example/>; rel="next"' }),
  )
  expect(await clientOf(registry.endpoint()).listReferrers('a', subject)).toHaveLength(1)
})

it.each([404, 405, 400])('takes the tag of the subject where the API answers %i', async (status) => {
  const registry = await start()
  registry.on('GET', /referrers/, plain(status, { 'content-type': 'text/plain' }, 'no such page'))
  const client = clientOf(registry.endpoint())
  expect(await client.listReferrers('a', subject)).toEqual([])
  registry.store(
    'a',
    referrersTag(subject),
    mediaTypes.ociIndex,
    Buffer.from(JSON.stringify(index(entry('one')))),
  )
  expect((await client.listReferrers('a', subject)).map(({ digest }) => digest)).toEqual([sha256('one')])
})

it('fails where it is refused or gets no list', async () => {
  const registry = await start()
  const client = clientOf(registry.endpoint())
  registry.on('GET', /referrers/, json(200, { manifests: 'none' }))
  await failure(client.listReferrers('a', subject), 'RESPONSE_INVALID')
  registry.on('GET', /referrers/, refusal(403, 'DENIED'))
  await failure(client.listReferrers('a', subject), 'DENIED')
})

it('names the tag as the specification does', () => {
  expect(referrersTag(`sha512:${'a'.repeat(128)}`)).toBe(`sha512-${'a'.repeat(64)}`)
})

it('ends where page after page is full', async () => {
  const registry = await start()
  let page = 0
  registry.on('GET', /referrers/, (request, response) => {
    page += 1
    const entries = Array.from({ length: 4000 }, (_, at) => entry(`${page}/${at}`))
    return json(200, index(...entries), { link: `</v2/a/referrers/${subject}?last=${page}>; rel="next"` })(
      request,
      response,
    )
  })
  expect((await clientOf(registry.endpoint()).listReferrers('a', subject)).length).toBeLessThanOrEqual(12_000)
  expect(page).toBeLessThan(5)
})
