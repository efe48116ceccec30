/** Copying, naming anew and promoting: by dragging, by menu and by keys. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Locator } from 'playwright-core'
import { seedPublic, seedTenant } from '../lab/seed'
import { until } from '../lab/until'
import { planOf, startAll } from './journey/archives'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { type RegistriesOnly, setRegistries } from './journey/registries-only'
import {
  answeredBy,
  hasBlob,
  hasManifest,
  isDownload,
  isMount,
  isUpload,
  manifestIn,
  tagsIn,
} from './journey/registry-facts'
import { accountOf, addRegistry } from './journey/set-up'
import { putSigned, type SignedImage } from './journey/signed-image'
import { allRead, fromMenu, goByKeys, letGo, restOn, tagRow, tick } from './journey/tags'
import { goTo, reach, rowOf } from './journey/transfers'
import { digestInStorage, tenant } from './stage'

const late = 90_000

describe('copying tags', () => {
  let stage: RegistriesOnly
  let journey: Journey
  let registryId = ''
  let signed: SignedImage

  const at = (repository: string, tag: string): string | null => digestInStorage(stage.one, repository, tag)
  const open = (section: 'public' | 'private', repository: string): Promise<void> =>
    goTo(journey, section, registryId, repository)
  const onlyBlock = (): Locator => journey.at('composer-block')
  /** Starts what the composer holds, by keys, and waits for its end. */
  const startByKeys = async (piece: string): Promise<Locator> => {
    await journey.page.locator('[data-testid="composer-start"]:enabled').waitFor()
    await journey.page.keyboard.press('Control+Enter')
    await journey.gone('composer')
    await journey.click('nav-transfers')
    const row = rowOf(journey, piece)
    await reach(row, 'succeeded')
    return row
  }
  const typeTag = async (tag: string): Promise<void> => {
    await journey.page.locator('[data-testid="composer-tag"]:focus').waitFor()
    await journey.page.keyboard.press('Control+A')
    await journey.page.keyboard.type(tag)
  }

  beforeAll(async () => {
    stage = await setRegistries({ auth: 'bearer', tls: true })
    const { one, other, proxy, display, userData } = stage
    seedPublic(one.storage)
    seedTenant(one.storage)
    signed = putSigned(one.storage, `${tenant}/gateway`, '2.0', 3e6)
    journey = new Journey({ display, userData, lang: 'en' })
    await journey.start()
    const account = accountOf(one, 'developer')
    const roles = { name: 'Home', library: 'library', tenant, account, keep: 'session' } as const
    registryId = (await addRegistry(journey, one, roles)).id
    await addRegistry(journey, other, { name: 'Mirror', host: proxy.address, tenant: 'mirror' })
  })
  afterEach(async (context) => {
    await pictureFailure(context, journey)
    await journey.page.keyboard.press('Escape')
  })
  afterAll(async () => {
    await journey.close()
    await stage.stop()
  })

  it('drags a public tag into the own namespace: no layer moves, the digest stays', async () => {
    const source = at('library/nginx', 'latest') ?? ''
    const children = (manifestIn(stage.one, source) as unknown as { manifests: { digest: string }[] })
      .manifests
    await open('public', 'library/nginx')
    await allRead(journey)
    await journey.drag(tagRow(journey, 'latest'), journey.at('nav-private'), async () => {
      await journey.see('drop-overlay')
    })
    await journey.page.locator('[data-testid="composer"][data-mode="copy"]').waitFor()
    expect(await planOf(onlyBlock())).toMatch(/^Inside one registry: no layer bytes move/)
    const before = stage.one.accessLog().length
    await reach(await startAll(journey, `/${tenant}/nginx:latest`), 'succeeded')
    expect(at(`${tenant}/nginx`, 'latest')).toBe(source)
    const layers = new Set<string>()
    for (const { digest } of children) {
      expect(hasManifest(stage.one, `${tenant}/nginx`, digest)).toBe(true)
      for (const layer of manifestIn(stage.one, digest).layers) layers.add(layer.digest)
    }
    for (const digest of layers) expect(hasBlob(stage.one, `${tenant}/nginx`, digest)).toBe(true)
    const answered = answeredBy(stage.one).slice(before)
    expect(answered.filter(isMount).length).toBeGreaterThanOrEqual(layers.size)
    expect(answered.filter(isUpload)).toEqual([])
    const fetched = answered
      .filter(isDownload)
      .filter(({ path }) => [...layers].some((one) => path.includes(one)))
    expect(fetched).toEqual([])
  })

  it('drags several tags onto a repository of the catalog that opens under the hand', async () => {
    await open('public', 'library/tomcat')
    await tick(journey, '8.5.99', '9.0.89')
    await journey.lift(tagRow(journey, '9.0.89'))
    await restOn(journey, journey.at('nav-private'), journey.at('catalog-private'))
    await letGo(journey, journey.at(`row-${tenant}/workbench`))
    await journey.see('composer')
    expect(await onlyBlock().count()).toBe(2)
    const row = await startAll(journey, `/${tenant}/workbench:8.5.99`)
    await reach(row, 'succeeded')
    await reach(rowOf(journey, `/${tenant}/workbench:9.0.89`), 'succeeded')
    for (const tag of ['8.5.99', '9.0.89'])
      expect(at(`${tenant}/workbench`, tag)).toBe(at('library/tomcat', tag))
  })

  it('drags onto another registry: all of it is there before the tag is', async () => {
    const { index, signature, signatureTag, materials } = signed
    const repository = 'mirror/gateway'
    await open('private', `${tenant}/gateway`)
    await allRead(journey)
    await journey.lift(tagRow(journey, '2.0'))
    const choice = journey.at(`switch-private-${stage.proxy.address}`)
    await restOn(journey, journey.at('registry-switcher'), choice)
    await letGo(journey, choice)
    await journey.see('composer')
    expect(await planOf(onlyBlock())).toMatch(/6\.0\d? MB in 4 layers to send · linux\/amd64, linux\/arm64/)
    await onlyBlock().getByText('2 signatures, SBOMs and the like come along').waitFor()
    stage.proxy.faults.delay = 30
    const row = await startAll(journey, `/${repository}:2.0`)
    const below = [...index.children, materials, signature]
    let looks = 0
    let whole = false
    await until(
      'the tag',
      () => {
        if (digestInStorage(stage.other, repository, '2.0') === null) {
          looks += 1
          return false
        }
        whole = below.every(
          ({ manifest, blobs }) =>
            hasManifest(stage.other, repository, manifest.digest) &&
            blobs.every(({ digest }) => hasBlob(stage.other, repository, digest)),
        )
        return true
      },
      { timeout: late, interval: 5 },
    )
    stage.proxy.faults.delay = 0
    expect(looks, 'it was not there from the beginning').toBeGreaterThan(10)
    expect(whole, 'what is under the tag was there first').toBe(true)
    await reach(row, 'succeeded')
    expect(digestInStorage(stage.other, repository, '2.0')).toBe(index.manifest.digest)
    expect(digestInStorage(stage.other, repository, signatureTag)).toBe(signature.manifest.digest)
    // This registry has no referrers API: they are listed under a tag.
    const listed = digestInStorage(stage.other, repository, index.manifest.digest.replace(':', '-'))
    expect(JSON.stringify(manifestIn(stage.other, listed ?? ''))).toContain(materials.manifest.digest)
  })

  it('adds a tag, copies elsewhere and promotes by the menu', async () => {
    const order = `${tenant}/order-service`
    const source = at(order, '1.0.0')
    await open('private', order)
    await fromMenu(journey, '1.0.0', 'menu-retag')
    await onlyBlock().getByTestId('composer-tag').fill('stable')
    await planOf(onlyBlock())
    await reach(await startAll(journey, `/${order}:stable`), 'succeeded')
    expect(at(order, 'stable')).toBe(source)

    await open('private', order)
    await fromMenu(journey, '1.0.0', 'menu-copyTo')
    await onlyBlock().getByTestId('composer-name').fill('order-archive')
    await planOf(onlyBlock())
    await reach(await startAll(journey, `/${tenant}/order-archive:1.0.0`), 'succeeded')
    expect(at(`${tenant}/order-archive`, '1.0.0')).toBe(source)

    await open('public', 'library/httpd')
    await fromMenu(journey, '2.4.59', 'menu-promote')
    await planOf(onlyBlock())
    await reach(await startAll(journey, `/${tenant}/httpd:2.4.59`), 'succeeded')
    expect(at(`${tenant}/httpd`, '2.4.59')).toBe(at('library/httpd', '2.4.59'))
  })

  it('renames, adds, copies and promotes with the keys alone', async () => {
    const order = `${tenant}/order-service`
    const source = at(order, 'stable')
    await open('private', order)
    await goByKeys(journey, 'stable')
    await journey.page.keyboard.press('F2')
    await typeTag('lts')
    await startByKeys(`/${order}:lts`)
    expect(at(order, 'lts')).toBe(source)
    expect(tagsIn(stage.one, order), 'the old name is gone, the others are not').toEqual([
      '0.9.1',
      '1.0.0',
      'lts',
    ])

    await open('private', order)
    await goByKeys(journey, 'lts')
    await journey.page.keyboard.press('n')
    await typeTag('lts-2')
    await startByKeys(`/${order}:lts-2`)
    expect(at(order, 'lts-2')).toBe(source)

    await open('public', 'library/redis')
    const [redis = ''] = tagsIn(stage.one, 'library/redis')
    await goByKeys(journey, redis)
    await journey.page.keyboard.press('p')
    await journey.page.locator('[data-testid="composer-name"]:focus').waitFor()
    await startByKeys(`/${tenant}/redis:${redis}`)
    expect(at(`${tenant}/redis`, redis)).toBe(at('library/redis', redis))

    await open('public', 'library/redis')
    await goByKeys(journey, redis)
    await journey.page.keyboard.press('c')
    await journey.page.locator('[data-testid="composer-name"]:focus').waitFor()
    await journey.page.keyboard.press('Control+A')
    await journey.page.keyboard.type('cache')
    await startByKeys(`/cache:${redis}`)
    expect(at(`${tenant}/cache`, redis)).toBe(at('library/redis', redis))
  })
})
