/** Local images, drag, composer, transfer, and what the far side then holds. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { digestInStorage, imageAtEngine, images, referencesAtEngine, tenant } from '../stage'
import { until } from '../../lab/until'
import { call } from '../journey/set-up'
import type { Step } from './step'
import type { Tour } from './tour'

const target = { repository: `${tenant}/shop-web`, tag: '1.4.0' }
const nameAt = (tour: Tour): string => `${tour.stage.bearerRegistry.host}/${target.repository}:${target.tag}`

async function dragToPrivate(tour: Tour, reference: string, meanwhile?: () => Promise<void>): Promise<void> {
  await tour.click('nav-local')
  await tour.drag(tour.at(`row-${reference}`).first(), tour.at('nav-private'), meanwhile)
  await tour.see('composer')
}

/** How the last transfer that was waited for ended: the next one is another, or the same that was tried again. */
const seen = new WeakMap<Tour, { id: string; state: string }>()

/** Waits until the transfer that was just asked for is in a state, and shows it. */
async function lastTransfer(tour: Tour, state: string): Promise<void> {
  await tour.click('nav-transfers')
  const before = seen.get(tour)
  const { id } = await until(
    `a transfer that ${state}`,
    async () => {
      const jobs = await call(tour, 'job:list', undefined)
      const [newest] = jobs.sort((a, b) => b.createdAt - a.createdAt)
      const isOld = newest?.id === before?.id && before?.state === state
      return newest?.state === state && !isOld && newest
    },
    { timeout: 60_000, interval: 50 },
  )
  seen.set(tour, { id, state })
  await tour
    .at(`transfer-${id}`)
    .and(tour.page.locator(`[data-state="${state}"]`))
    .waitFor()
}

export const push: Step[] = [
  {
    name: 'local images',
    async run(tour) {
      await tour.click('nav-local')
      for (const reference of Object.values(images)) await tour.see(`row-${reference}`)
    },
  },
  {
    name: "drag an image into the tenant's namespace",
    async run(tour) {
      await dragToPrivate(tour, images.web, async () => {
        await tour.see('drop-overlay')
      })
    },
  },
  {
    name: 'the composer names the target and says what will happen',
    async run(tour) {
      assert.equal(await tour.at('composer-name').inputValue(), 'shop-web')
      assert.equal(await tour.at('composer-tag').inputValue(), '1.4.0')
      await tour.see('composer-plan')
      await tour.fill('composer-name', 'Shop Web')
      await tour.see('composer-issue')
      assert.ok(await tour.at('composer-start').isDisabled(), 'a bad name cannot be pushed')
      await tour.fill('composer-name', 'shop-web')
      await tour.at('composer-issue').waitFor({ state: 'detached' })
    },
  },
  {
    name: 'the transfer runs',
    async run(tour) {
      await tour.click('composer-start')
      await tour.at('composer').waitFor({ state: 'detached' })
      await tour.click('nav-transfers')
      await tour.page.locator('[data-testid^="transfer-"][data-state]').first().waitFor()
      await tour.at('transfer-expand').first().click()
    },
  },
  {
    name: 'the transfer is done: the registry has what the engine sent, the temporary name is gone',
    async run(tour) {
      await lastTransfer(tour, 'succeeded')
      const digest = digestInStorage(tour.stage.bearerRegistry, target.repository, target.tag)
      assert.match(digest ?? '', /^sha256:/, 'the registry has the tag')
      assert.deepEqual(
        (await referencesAtEngine(tour.stage.engine.host)).filter((name) => name.startsWith('127.')),
        [],
        'the temporary name is gone',
      )
      assert.ok(await imageAtEngine(tour.stage.engine.host, images.web), 'the image itself stays')
    },
  },
  {
    name: 'the new image is in the private catalog',
    async run(tour) {
      await tour.click('nav-private')
      await tour.see('catalog-private')
      await tour.see(`row-${target.repository}`)
    },
  },
  {
    name: 'cover a tag: asked first',
    async run(tour) {
      await dragToPrivate(tour, images.base)
      await tour.fill('composer-name', 'shop-web')
      await tour.fill('composer-tag', '1.4.0')
      await tour.see('composer-replace')
      assert.ok(await tour.at('composer-start').isDisabled(), 'not before it is agreed to')
    },
  },
  {
    name: 'cover a tag: agreed',
    async run(tour) {
      const before = digestInStorage(tour.stage.bearerRegistry, target.repository, target.tag)
      await tour.click('composer-replace')
      await tour.click('composer-start')
      await lastTransfer(tour, 'succeeded')
      const after = digestInStorage(tour.stage.bearerRegistry, target.repository, target.tag)
      assert.notEqual(after, before, 'the tag names the other image')
    },
  },
  {
    name: 'push as a custom base image',
    async run(tour) {
      await dragToPrivate(tour, images.base)
      await tour.click('composer-ownbase')
      await tour.click('composer-start')
      await lastTransfer(tour, 'succeeded')
      assert.ok(
        digestInStorage(tour.stage.bearerRegistry, `${tenant}/jdk17_ownbase`, '2026.11'),
        'with the suffix',
      )
    },
  },
  {
    name: 'push with a wrong password: the error says so and what to do',
    async run(tour) {
      const account = tour.stage.bearerRegistry.accounts.developer
      assert.ok(account)
      const right = account.password
      account.password = randomBytes(12).toString('base64url')
      try {
        await dragToPrivate(tour, images.web)
        await tour.fill('composer-tag', 'refused')
        await tour.click('composer-start')
        await lastTransfer(tour, 'failed')
        await tour.page.locator('[data-testid="error-panel"][data-code="UNAUTHORIZED"]').first().waitFor()
        assert.equal(digestInStorage(tour.stage.bearerRegistry, target.repository, 'refused'), null)
      } finally {
        account.password = right
      }
    },
  },
  {
    name: 'retry with the right password',
    async run(tour) {
      await tour.at('error-retry').first().click()
      await lastTransfer(tour, 'succeeded')
      assert.ok(digestInStorage(tour.stage.bearerRegistry, target.repository, 'refused'), 'it has arrived')
    },
  },
]
export { dragToPrivate, lastTransfer, nameAt, target }
