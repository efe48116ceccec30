/** Pull it back, delete it, and browse with the registry gone. */
import assert from 'node:assert/strict'
import { digestInStorage, imageAtEngine } from '../stage'
import { lastTransfer, nameAt, target } from './push'
import type { Step } from './step'
import type { Tour } from './tour'

async function openRepository(tour: Tour): Promise<void> {
  await tour.click('nav-private')
  await tour.see('catalog-private')
  await tour.at(`row-${target.repository}`).click()
  await tour.see('repository-page')
}

const row = (tour: Tour, tag: string) => tour.at('tag-row').filter({ hasText: tag }).first()

export const after: Step[] = [
  {
    name: 'pull it back',
    async run(tour) {
      assert.equal(await imageAtEngine(tour.stage.engine.host, nameAt(tour)), null, 'not there before')
      await openRepository(tour)
      await row(tour, target.tag).getByTestId('pull-tag').click()
      await lastTransfer(tour, 'succeeded')
      assert.ok(await imageAtEngine(tour.stage.engine.host, nameAt(tour)), 'the engine has it under its name')
      await tour.click('nav-local')
      await tour.see(`row-${nameAt(tour)}`)
    },
  },
  {
    name: 'delete it: every reference that goes is listed',
    async run(tour) {
      await openRepository(tour)
      await row(tour, 'refused').getByTestId('tag-menu').click()
      await tour.page.getByText(/^(Delete|删除)…$/).click()
      await tour.see('delete-dialog')
      await tour.at('delete-list').getByText('refused').waitFor()
    },
  },
  {
    name: 'it is gone at the registry, and the other tags are not',
    async run(tour) {
      await tour.click('delete-confirm')
      await tour.at('delete-dialog').waitFor({ state: 'detached' })
      await lastTransfer(tour, 'succeeded')
      assert.equal(digestInStorage(tour.stage.bearerRegistry, target.repository, 'refused'), null)
      assert.ok(digestInStorage(tour.stage.bearerRegistry, target.repository, target.tag))
    },
  },
]

export const offline: Step[] = [
  {
    name: 'the registries are gone and the program starts again: everything seen is there, with its age',
    async run(tour) {
      await Promise.all([tour.stage.bearerRegistry.halt(), tour.stage.publicRegistry.halt()])
      await tour.open('dark')
      await tour.see('catalog-public')
      await tour.see('catalog-card-library/nginx')
      await tour.see('freshness-error')
      await tour.click('catalog-card-library/nginx')
      await tour.at('tag-row').filter({ hasText: 'latest' }).first().waitFor()
      await tour.at('tag-row').filter({ hasText: 'latest' }).first().click()
      await tour.see('image-page')
      await tour.click('tab-layers')
      await tour.page.getByText('apt-get install -y nginx').first().waitFor()
    },
  },
]
