/** Deleting tags, one or many or by a rule, and putting them back. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Locator } from 'playwright-core'
import { buildImage, type Image } from '../lab/oci-image'
import { seedTenant } from '../lab/seed'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { type RegistriesOnly, setRegistries } from './journey/registries-only'
import { hasManifest, loseContent, tagsIn } from './journey/registry-facts'
import { addRegistry } from './journey/set-up'
import { allRead, fromMenu, openCleanup, tagsShown, tick } from './journey/tags'
import { goTo, reach } from './journey/transfers'
import { digestInStorage, tenant } from './stage'

const repository = `${tenant}/app`
const day = 86_400_000
/** Days since each version was built. */
const ages: Record<string, number> = {
  ...{ '1.9.0': 1, '1.8.0': 10, '1.7.0': 20, '1.6.0': 28, '1.5.0': 40 },
  ...{ '1.4.0': 60, '1.3.0': 90, '1.2.0': 120, '1.1.0': 150, '1.0.0': 200 },
}
const old = ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0', '1.5.0']

const built = (version: string, age: number): Image =>
  buildImage({
    ...{ seed: `app ${version}`, format: 'oci', created: new Date(Date.now() - age * day).toISOString() },
    layers: [{ size: 20_000 }],
  })

describe('cleaning up', () => {
  let stage: RegistriesOnly
  let journey: Journey
  let registryId = ''
  let keeperId = ''
  const images = new Map<string, Image>()

  const tags = (): string[] => tagsIn(stage.one, repository)
  const at = (tag: string): string | null => digestInStorage(stage.one, repository, tag)
  const digestOf = (version: string): string => images.get(version)?.manifest.digest ?? ''
  const open = async (): Promise<void> => {
    await goTo(journey, 'private', registryId, repository)
    // A tag that still comes in would push the others under the hand.
    await journey.page.locator(`[role="grid"][aria-rowcount="${tags().length + 1}"]`).waitFor()
    // Whoever rules by age has to know it.
    await allRead(journey)
  }
  /** The newest row of a kind in Transfers. */
  const transfer = async (kind: string): Promise<Locator> => {
    await journey.click('nav-transfers')
    const row = journey.page.locator(`[data-testid^="transfer-"][data-kind="${kind}"]`).first()
    await row.waitFor()
    return row
  }
  const confirm = async (kind: string): Promise<void> => {
    await journey.page.locator('[data-testid="delete-confirm"]:enabled').click()
    await journey.gone('delete-confirm')
    await reach(await transfer(kind), 'succeeded')
  }
  const unfold = async (): Promise<void> => {
    await open()
    await journey.click('deleted-tags-open')
  }

  beforeAll(async () => {
    stage = await setRegistries({}, { delete: false })
    for (const [version, age] of Object.entries(ages)) {
      const image = built(version, age)
      images.set(version, image)
      stage.one.storage.put(repository, image, version)
    }
    stage.one.storage.put(repository, images.get('1.9.0') ?? built('', 0), 'latest')
    stage.one.storage.put(repository, images.get('1.2.0') ?? built('', 0), 'lts')
    seedTenant(stage.other.storage)
    const { display, userData } = stage
    journey = new Journey({ display, userData, lang: 'en' })
    await journey.start()
    registryId = (await addRegistry(journey, stage.one, { name: 'Tidy', tenant })).id
    keeperId = (await addRegistry(journey, stage.other, { name: 'Keeper', tenant })).id
    await journey.start()
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await stage.stop()
  })

  it('shows what a rule would take and what stays, and takes nothing before it is confirmed', async () => {
    const before = tags()
    await open()
    await openCleanup(journey)
    await journey.at('cleanup-newest').locator('input').fill('3')
    await journey.at('cleanup-days').locator('input').fill('30')
    await journey.at('cleanup-pattern').locator('input').fill('1.*')
    await journey.page.keyboard.press('Tab')
    await journey.at('cleanup-going').locator('[data-tag="1.0.0"]').waitFor()
    expect((await tagsShown(journey.at('cleanup-going'))).sort()).toEqual(old)
    await journey.page.getByRole('button', { name: /^Stays · 6/ }).click()
    const staying = journey.at('cleanup-staying')
    const reasonOf = (tag: string): Promise<string> =>
      staying.locator(`[data-tag="${tag}"] .note`).innerText()
    expect((await tagsShown(staying)).sort()).toEqual(['1.6.0', '1.7.0', '1.8.0', '1.9.0', 'latest', 'lts'])
    expect(await reasonOf('1.7.0')).toBe('among the newest')
    expect(await reasonOf('1.6.0')).toBe('recent')
    expect(await reasonOf('latest')).toBe('protected')
    expect(await reasonOf('lts')).toBe('does not match')
    await journey.click('cleanup-review')
    await journey.see('delete-staying')
    expect((await tagsShown(journey.at('delete-list'))).sort()).toEqual(old)
    expect(await tagsShown(journey.at('delete-staying')), 'it shares an image, and stays').toEqual(['lts'])
    expect(tags()).toEqual(before)
  })

  it('takes exactly those; the sibling that shares an image stays', async () => {
    await confirm('delete-tags')
    expect(tags()).toEqual(['1.6.0', '1.7.0', '1.8.0', '1.9.0', 'latest', 'lts'])
    expect(at('lts')).toBe(digestOf('1.2.0'))
    expect(hasManifest(stage.one, repository, digestOf('1.2.0'))).toBe(true)
    expect(hasManifest(stage.one, repository, digestOf('1.3.0'))).toBe(false)
  })

  it('restores one of them, then all, with their digests', async () => {
    await unfold()
    await journey.click('restore-1.4.0')
    await reach(await transfer('restore'), 'succeeded')
    expect(at('1.4.0')).toBe(digestOf('1.4.0'))
    await unfold()
    await journey.click('restore-all')
    await journey.gone('deleted-tags')
    expect(tags()).toEqual([...Object.keys(ages), 'latest', 'lts'].sort())
    for (const version of old) expect(at(version)).toBe(digestOf(version))
  })

  it('takes one tag and leaves the other that names the same image, having told so', async () => {
    await open()
    await fromMenu(journey, 'lts', 'menu-delete')
    await journey.see('delete-extent-tag')
    await journey
      .at('delete-dialog')
      .getByText(/1\.2\.0|shares|same image/i)
      .first()
      .waitFor()
    expect(await journey.at('delete-list').innerText()).toMatch(/:lts$/)
    await confirm('delete')
    expect(at('lts')).toBeNull()
    expect(at('1.2.0')).toBe(digestOf('1.2.0'))
  })

  it('takes several that were ticked, and undoes it from Transfers', async () => {
    await open()
    await tick(journey, '1.1.0', '1.3.0')
    await journey.click('delete-selected')
    await journey.see('delete-tags-dialog')
    await confirm('delete-tags')
    expect(tags()).not.toContain('1.1.0')
    expect(tags()).not.toContain('1.3.0')
    await (await transfer('delete-tags')).getByTestId('transfer-undo').click()
    await journey.page.locator('[data-kind="restore"][aria-label*="1.3.0"]').first().waitFor()
    for (const version of ['1.1.0', '1.3.0'])
      await reach(
        journey.page.locator(`[data-kind="restore"][aria-label*="${version}"]`).first(),
        'succeeded',
      )
    expect(at('1.1.0')).toBe(digestOf('1.1.0'))
    expect(at('1.3.0')).toBe(digestOf('1.3.0'))
  })

  it('says that a tag cannot come back where the registry has let go of its layers', async () => {
    await open()
    await fromMenu(journey, '1.0.0', 'menu-delete')
    await confirm('delete')
    const [, layer] = images.get('1.0.0')?.blobs ?? []
    loseContent(stage.one, layer?.digest ?? '')
    await stage.one.halt()
    await stage.one.start()
    await unfold()
    await journey.click('restore-1.0.0')
    const row = await transfer('restore')
    await reach(row, 'failed')
    await row.locator('[data-testid="error-panel"][data-code="BLOB_UNKNOWN"]').waitFor()
    expect(at('1.0.0')).toBeNull()
  })

  it('tells as an answer, not as a failure, that a registry has deletion switched off', async () => {
    const kept = `${tenant}/iuap-web`
    const before = tagsIn(stage.other, kept)
    await goTo(journey, 'private', keeperId, kept)
    await fromMenu(journey, '1.0.0', 'menu-delete')
    await journey.page.locator('[data-testid="delete-confirm"]:enabled').click()
    const row = await transfer('delete')
    await row.locator('[data-testid="error-panel"][data-code="DELETE_DISABLED"][role="status"]').waitFor()
    expect(await row.getByTestId('transfer-state').innerText()).toBe('Not offered there')
    expect(await row.getByRole('alert').count(), 'nothing cries').toBe(0)
    expect(await row.getByText(/fail/i).count()).toBe(0)
    await journey.click('tab-failed')
    expect(await row.count(), 'nor is it counted as one').toBe(0)
    expect(tagsIn(stage.other, kept)).toEqual(before)
    await goTo(journey, 'private', keeperId, kept)
    await fromMenu(journey, '1.1.0', 'menu-delete')
    await journey.see('delete-switched-off')
    await journey.click('delete-cancel')
  })
})
