/** First start, and the two registries through the form. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tenant } from '../stage'
import type { Step } from './step'
import type { Tour } from './tour'

async function addPublic(tour: Tour): Promise<void> {
  await tour.click('welcome-preset-other')
  await tour.fill('registry-host', tour.stage.publicRegistry.host)
  await tour.fill('registry-name', 'Public images')
  await tour.click('registry-http')
  await tour.fill('registry-public-namespace', 'library')
  await tour.click('registry-save')
  await tour.see('catalog-public')
}

async function trustByLook(tour: Tour): Promise<void> {
  await tour.click('look-certificate')
  await tour.see('certificate-chain')
  await tour.click('trust-certificate')
}

async function addPrivate(tour: Tour): Promise<void> {
  const { bearerRegistry: registry } = tour.stage
  await tour.click('registry-switcher')
  await tour.click('switcher-add')
  await tour.click('welcome-preset-other')
  await tour.fill('registry-host', registry.host)
  await tour.fill('registry-name', 'Tenant images')
  await tour.at('registry-public').click()
  await tour.at('registry-private').click()
  await tour.fill('registry-tenant', tenant)
  await tour.fill('registry-username', 'developer')
  await tour.fill('registry-password', registry.accounts.developer?.password ?? '')
  // The first test of the connection meets a certificate that nobody vouches for.
  await tour.click('registry-test')
  await tour.page.locator('[data-step="tls"][data-state="failed"]').waitFor()
  await trustByLook(tour)
  await tour.click('registry-test')
  await tour.page
    .locator('[data-step="catalog"]:not([data-state="waiting"]):not([data-state="running"])')
    .waitFor()
  for (const step of ['name', 'tcp', 'tls', 'api', 'account', 'catalog']) {
    await tour.page.locator(`[data-step="${step}"][data-state="ok"]`).waitFor()
  }
}

/** Every text that the program keeps on disk. */
export function keptTexts(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return keptTexts(path)
    return entry.isFile() ? [readFileSync(path, 'latin1')] : []
  })
}

export const arrive: Step[] = [
  {
    name: 'first start and welcome',
    async run(tour) {
      await tour.open()
      await tour.see('welcome')
      await tour
        .at('nav-private')
        .getByText(tour.language === 'en' ? 'Private' : '私有镜像')
        .waitFor()
      for (const preset of ['yonyou', 'docker-hub', 'harbor', 'other'])
        await tour.see(`welcome-preset-${preset}`)
    },
  },
  { name: 'add the public registry', run: addPublic },
  { name: 'add the private registry: test the connection, trust its certificate', run: addPrivate },
  {
    name: 'sign in: the password goes to the keychain and nowhere else',
    async run(tour) {
      await tour.click('registry-save')
      await tour.at('registry-form').waitFor({ state: 'detached' })
      await tour.page.locator('[data-testid="registry-status"][data-state="online"]').waitFor()
      const password = tour.stage.bearerRegistry.accounts.developer?.password ?? ''
      const found = keptTexts(tour.stage.userData.path).filter((text) => text.includes(password))
      assert.equal(found.length, 0, 'no file of the program holds the password')
    },
  },
]
