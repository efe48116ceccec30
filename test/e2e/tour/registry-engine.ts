/** Without an engine: an archive, a copy between registries, a clean-up and its undoing, and the search. */
import assert from 'node:assert/strict'
import { buildImage, buildIndex, type Image } from '../../lab/oci-image'
import { layoutEntries, writeLayout } from '../journey/archive-files'
import { dropFiles, planOf } from '../journey/archives'
import { tagsIn } from '../journey/registry-facts'
import { allRead, openCleanup, tagRow, tagsShown } from '../journey/tags'
import { digestInStorage, tenant } from '../stage'
import { lastTransfer } from './push'
import type { Step } from './step'
import type { Tour } from './tour'

const platform = (architecture: string): Image =>
  buildImage({
    ...{ seed: `gateway ${architecture}`, format: 'oci', platform: { os: 'linux', architecture } },
    created: '2026-11-02T08:00:00Z',
    layers: [{ size: 3e6 }, { size: 400_000 }],
    config: { Env: ['GATEWAY_MODE=edge'], ExposedPorts: { '8443/tcp': {} }, Labels: { team: 'edge' } },
  })
const gateway = buildIndex('oci', [platform('amd64'), platform('arm64')])
const portal = `${tenant}/iuap-web`

const stored = (tour: Tour, repository: string, tag: string): string | null =>
  digestInStorage(tour.stage.bearerRegistry, repository, tag)

async function openPrivate(tour: Tour, repository: string): Promise<void> {
  await tour.click('nav-private')
  await tour.see('catalog-private')
  await tour.click(`row-${repository}`)
  await tour.see('repository-page')
  await tour.at('tag-row').first().waitFor()
}

export const registryEngine: Step[] = [
  {
    name: 'drop an OCI layout for two platforms: what is in it, and what would be sent',
    async run(tour) {
      const path = tour.stage.userData.join('gateway.tar')
      writeLayout(
        path,
        layoutEntries([{ reference: 'build.example/edge/gateway:2.3', image: gateway }]),
        'tar',
      )
      await tour.click('nav-private')
      await tour.see('catalog-private')
      await dropFiles(tour, [path], tour.at('nav-private'))
      assert.match(await planOf(tour.at('composer-block')), /linux\/amd64, linux\/arm64/)
    },
  },
  {
    name: 'it goes up without an engine, its index whole',
    async run(tour) {
      await tour.click('composer-start')
      await tour.gone('composer')
      await lastTransfer(tour, 'succeeded')
      assert.equal(stored(tour, `${tenant}/gateway`, '2.3'), gateway.manifest.digest)
      await tour.at('transfer-expand').first().click()
    },
  },
  {
    name: 'drag a public tag into the own namespace at another registry',
    async run(tour) {
      await tour.click('nav-public')
      await tour.click('catalog-card-library/redis')
      await tour.see('repository-page')
      await allRead(tour)
      const [tag = ''] = tagsIn(tour.stage.publicRegistry, 'library/redis')
      await tour.drag(tagRow(tour, tag), tour.at('nav-private'), async () => {
        await tour.see('drop-overlay')
      })
      await tour.see('composer')
      await planOf(tour.at('composer-block'))
    },
  },
  {
    name: 'the copy has every platform and the same digest',
    async run(tour) {
      const [tag = ''] = tagsIn(tour.stage.publicRegistry, 'library/redis')
      await tour.click('composer-start')
      await tour.gone('composer')
      await lastTransfer(tour, 'succeeded')
      const source = digestInStorage(tour.stage.publicRegistry, 'library/redis', tag)
      assert.equal(stored(tour, `${tenant}/redis`, tag), source)
    },
  },
  {
    name: 'a rule for cleaning up shows what would go',
    async run(tour) {
      await openPrivate(tour, portal)
      await allRead(tour)
      await openCleanup(tour)
      await tour.at('cleanup-newest').locator('input').fill('1')
      await tour.page.keyboard.press('Tab')
      await tour.at('cleanup-going').locator('[data-tag="1.0.0"]').waitFor()
      assert.deepEqual((await tagsShown(tour.at('cleanup-going'))).sort(), ['1.0.0', '1.1.0'])
    },
  },
  {
    name: 'every tag that goes is listed before it does',
    async run(tour) {
      await tour.click('cleanup-review')
      await tour.at('delete-list').locator('[data-tag="1.1.0"]').waitFor()
      assert.deepEqual(tagsIn(tour.stage.bearerRegistry, portal), ['1.0.0', '1.1.0', '1.2.0'])
    },
  },
  {
    name: 'they are gone, and can be put back',
    async run(tour) {
      await tour.page.locator('[data-testid="delete-confirm"]:enabled').click()
      await lastTransfer(tour, 'succeeded')
      assert.deepEqual(tagsIn(tour.stage.bearerRegistry, portal), ['1.2.0'])
      await openPrivate(tour, portal)
      await tour.click('deleted-tags-open')
      await tour.see('restore-1.1.0')
    },
  },
  {
    name: 'they are back',
    async run(tour) {
      await tour.click('restore-all')
      await tour.gone('deleted-tags')
      assert.deepEqual(tagsIn(tour.stage.bearerRegistry, portal), ['1.0.0', '1.1.0', '1.2.0'])
    },
  },
  {
    name: 'search: an environment variable of an image that was seen',
    async run(tour) {
      await openPrivate(tour, `${tenant}/gateway`)
      await allRead(tour)
      await tour.page.evaluate(() => void (location.hash = '#/search'))
      await tour.page.locator('[data-testid="search-field"]:focus').waitFor()
      await tour.page.keyboard.type('GATEWAY')
      const hits = tour.at('search-hit').and(tour.page.locator('[data-field="environment"]'))
      await hits.filter({ hasText: 'gateway:2.3' }).first().waitFor()
    },
  },
]
