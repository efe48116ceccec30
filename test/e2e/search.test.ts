/** What was ever seen is found again with every registry gone; and what stands on what. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Locator } from 'playwright-core'
import { buildImage, type Image } from '../lab/oci-image'
import { seedPublic, seedTenant } from '../lab/seed'
import { layoutEntries, writeLayout } from './journey/archive-files'
import { dropFiles, planOf, startAll } from './journey/archives'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { type RegistriesOnly, setRegistries } from './journey/registries-only'
import { addRegistry } from './journey/set-up'
import { allRead, tagRow } from './journey/tags'
import { goTo, reach } from './journey/transfers'
import { digestInStorage, tenant } from './stage'

const jdk = (build: string, created: string): Image =>
  buildImage({
    ...{ seed: `jdk17 ${build}`, format: 'oci', created },
    layers: [{ size: 60_000, seed: 'jdk17 system' }, { size: 40_000 }],
  })
const base = jdk('2026.10', '2026-10-02T08:00:00Z')
const pay = buildImage({
  ...{ seed: 'jdk17 2026.10', format: 'oci', created: '2026-10-20T08:00:00Z' },
  layers: [{ size: 60_000, seed: 'jdk17 system' }, { size: 40_000 }, { size: 9_000, seed: 'pay' }],
  config: { Env: ['PAY_CURRENCY=CNY'], ExposedPorts: { '9443/tcp': {} }, Labels: { team: 'settlement' } },
})

describe('search', () => {
  let stage: RegistriesOnly
  let journey: Journey
  let publicId = ''
  let privateId = ''

  const field = (): Locator => journey.at('search-field')
  const hits = (name: string, by?: string): Locator => {
    const found = journey.at('search-hit').filter({ hasText: name })
    return by === undefined ? found : found.and(journey.page.locator(`[data-field="${by}"]`))
  }
  /** Reads a repository's page to the last tag. */
  const read = async (section: 'public' | 'private', id: string, repository: string): Promise<void> => {
    await goTo(journey, section, id, repository)
    await allRead(journey)
  }
  const openTag = async (tag: string): Promise<void> => {
    await tagRow(journey, tag).click()
    await journey.see('image-page')
  }

  beforeAll(async () => {
    stage = await setRegistries()
    const { one, other, display, userData } = stage
    seedPublic(one.storage)
    seedTenant(other.storage)
    other.storage.put(`${tenant}/jdk17_ownbase`, base, '2026.10')
    other.storage.put(`${tenant}/pay`, pay, '3.0')
    journey = new Journey({ display, userData, lang: 'en' })
    await journey.start()
    publicId = (await addRegistry(journey, one, { name: 'Public images', library: 'library' })).id
    privateId = (await addRegistry(journey, other, { name: 'Tenant images', tenant })).id
    await journey.start()
    await goTo(journey, 'public', publicId)
    await journey.see('catalog-card-library/nginx')
    for (const name of ['tomcat', 'nginx']) await read('public', publicId, `library/${name}`)
    await goTo(journey, 'private', privateId)
    await journey.see(`row-${tenant}/pay`)
    for (const name of ['order-service', 'jdk17_ownbase', 'pay'])
      await read('private', privateId, `${tenant}/${name}`)
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await stage.stop()
  })

  it('finds by every field what was seen, with both registries gone, while it is typed', async () => {
    await Promise.all([stage.one.halt(), stage.other.halt()])
    await journey.page.evaluate(() => void (location.hash = '#/search'))
    await journey.page.locator('[data-testid="search-field"]:focus').waitFor()
    await journey.page.keyboard.type('ord')
    await hits('order-service', 'repository').waitFor()
    await journey.page.keyboard.type('er-servi')
    await hits('order-service', 'repository').waitFor()
    const digest = digestInStorage(stage.other, `${tenant}/order-service`, '1.0.0') ?? ''
    for (const [text, name, by] of [
      ['busyb', 'library/busybox', 'repository'],
      ['10.1.24', 'tomcat:10.1.24', 'tag'],
      [digest.slice(0, 19), 'order-service', 'digest'],
      ['settlement', 'pay:3.0', 'label'],
      ['Servlet container', 'tomcat', 'label'],
      ['PAY_CURR', 'pay:3.0', 'environment'],
      ['CATALINA_HOME', 'tomcat', 'environment'],
      ['9443', 'pay:3.0', 'port'],
      ['jdk17_own', 'pay:3.0', 'base'],
    ] as const) {
      await field().fill(text)
      await hits(name, by).first().waitFor()
    }
    await field().fill('no such thing')
    await journey.page.getByText('Nothing seen matches “no such thing”').waitFor()
  })

  it('opens what it found, with its age, and from the palette by keys', async () => {
    await field().fill('PAY_CURR')
    await hits('pay:3.0', 'environment').click()
    await journey.see('image-page')
    await journey.page.keyboard.press('F5')
    await journey.see('freshness-error')
    await journey.page.keyboard.press('Control+K')
    await journey.see('palette')
    // Nobody waits until it has faded in.
    await journey.page.keyboard.type('tomcat')
    await journey.at('palette').getByRole('option', { name: 'library/tomcat' }).first().waitFor()
    await journey.page.keyboard.press('Enter')
    await journey.see('repository-page')
    expect(decodeURIComponent(journey.page.url())).toContain('/library/tomcat')
    await tagRow(journey, '10.1.24').waitFor()
  })

  it('keeps pins and recent places over a restart, still without a registry', async () => {
    await goTo(journey, 'private', privateId, `${tenant}/order-service`)
    await journey.at('repository-page').getByTestId('pin').first().click()
    await journey.page.locator('[data-testid="pin"][aria-pressed="true"]').first().waitFor()
    await journey.start()
    await goTo(journey, 'private', privateId)
    const chips = await journey.see('place-chips')
    await chips.getByRole('link', { name: 'order-service' }).waitFor()
    await journey.page.keyboard.press('Control+K')
    const palette = await journey.see('palette')
    await palette.getByText('Pinned').waitFor()
    await palette
      .getByRole('option', { name: `${tenant}/order-service` })
      .first()
      .waitFor()
    await palette.getByText('Recent', { exact: true }).waitFor()
    await palette.getByRole('option', { name: 'library/tomcat' }).first().waitFor()
    await journey.page.keyboard.press('Escape')
    await journey.gone('palette')
  })

  it('tells what an image is built on, and that it stands on an older build once a newer one is pushed', async () => {
    await Promise.all([stage.one.start(), stage.other.start()])
    await goTo(journey, 'private', privateId, `${tenant}/pay`)
    await openTag('3.0')
    const built = await journey.see('lineage-base')
    await built.getByText('jdk17_ownbase:2026.10').waitFor()
    await built.getByText('The newest build').waitFor()

    const next = jdk('2026.11', '2026-11-02T08:00:00Z')
    const path = stage.folder.join('jdk17.tar')
    writeLayout(path, layoutEntries([{ reference: 'build.example/jdk17:2026.11', image: next }]), 'tar')
    await goTo(journey, 'private', privateId)
    await dropFiles(journey, [path], journey.at('nav-private'))
    await journey.see('composer-block')
    await journey.click('composer-ownbase')
    await planOf(journey.at('composer-block'))
    await reach(await startAll(journey, '/jdk17_ownbase:2026.11'), 'succeeded')
    expect(digestInStorage(stage.other, `${tenant}/jdk17_ownbase`, '2026.11')).toBe(next.manifest.digest)

    await goTo(journey, 'private', privateId, `${tenant}/pay`)
    await openTag('3.0')
    await (await journey.see('lineage-newer')).getByText('jdk17_ownbase:2026.11').waitFor()
    await journey.at('lineage-newer').getByRole('link').click()
    await journey.page.getByTestId('image-page').getByText('2026.11').first().waitFor()
    const standing = (await journey.see('lineage-children')).locator('li').filter({ hasText: 'pay:3.0' })
    await standing.getByText('Older build').waitFor()
  })
})
