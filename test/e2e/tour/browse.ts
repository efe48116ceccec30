/** Public catalog, one repository, one image. */
import assert from 'node:assert/strict'
import type { Step } from './step'

export const browse: Step[] = [
  {
    name: 'public catalog',
    async run(tour) {
      await tour.click('nav-public')
      await tour.see('catalog-public')
      for (const name of ['nginx', 'tomcat', 'alpine']) await tour.see(`catalog-card-library/${name}`)
      assert.equal(await tour.page.locator('[data-testid^="catalog-card-"]').count(), 11)
      // Descriptions come in behind the names.
      await tour.at('catalog-card-library/nginx').getByText('1.26.0').waitFor()
    },
  },
  {
    name: 'one repository: description, newest version, tags',
    async run(tour) {
      await tour.click('catalog-card-library/nginx')
      await tour.see('repository-page')
      await tour.page
        .getByText(`docker pull ${tour.stage.publicRegistry.host}/library/nginx:`)
        .first()
        .waitFor()
      await tour.at('tag-row').first().waitFor()
      await tour.at('tag-row').filter({ hasText: 'latest' }).getByText('arm64/v8').first().waitFor()
    },
  },
  {
    name: 'one image: platforms, layers, configuration',
    async run(tour) {
      await tour.at('tag-row').filter({ hasText: 'latest' }).first().click()
      await tour.see('image-page')
      await tour.click('tab-layers')
      await tour.page.getByText('apt-get install -y nginx').first().waitFor()
      await tour.click('tab-config')
      await tour.page.getByText('80/tcp').first().waitFor()
      await tour.click('tab-layers')
    },
  },
]
