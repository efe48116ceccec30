/** From an image to an application that answers, and what its life is then: read, changed, upgraded, put back. */
import assert from 'node:assert/strict'
import { httpGet } from '../../lab/http-get'
import { until } from '../../lab/until'
import {
  addVariable,
  answers,
  containersAt,
  deploy as pressDeploy,
  detailOf,
  inState,
  jobOf,
  succeeds,
  upgradeTo,
} from '../journey/deployments'
import { allRead, tagRow } from '../journey/tags'
import { call } from '../journey/set-up'
import { hello } from '../stage'
import type { Step } from './step'
import type { Tour } from './tour'

const name = 'hello'

/** Keeps what would open in the browser, which nobody is there to look at. */
async function catchBrowser(tour: Tour): Promise<void> {
  await tour.app.evaluate(({ shell }) => {
    shell.openExternal = async (url) => void Object.assign(globalThis, { opened: url })
  })
}
const opened = (tour: Tour): Promise<string | undefined> =>
  tour.app.evaluate(() => (globalThis as { opened?: string }).opened)

export const deploy: Step[] = [
  {
    name: 'deploy a public image: the form is filled from what the image says of itself',
    async run(tour) {
      // They are wanted later, and take a while; whoever asks for them hears of a failure.
      tour.stage.pools().catch(() => {})
      const [pool] = (await call(tour, 'pool:list', undefined)).pools
      if (!pool) throw new Error('no pool')
      const { host } = pool
      const draft = { name: 'This computer', host, certificates: null, sshConfig: null }
      await call(tour, 'pool:change', { id: pool.id, draft })
      await tour.click('nav-public')
      await tour.click(`catalog-card-${hello.repository}`)
      await tour.see('repository-page')
      await allRead(tour)
      await tagRow(tour, hello.first).getByTestId('deploy-tag').click()
      await tour.page.locator(`[data-testid="deploy-name"]`).and(tour.page.locator('input')).waitFor()
      assert.equal(await tour.at('deploy-name').inputValue(), name)
      assert.equal(await tour.at('port-container').inputValue(), '8080')
      // What will be done is there when the pool has been asked.
      await tour.at('deploy-lines').locator('li').first().waitFor()
    },
  },
  {
    name: 'it runs, and answers at its address',
    async run(tour) {
      await catchBrowser(tour)
      await pressDeploy(tour)
      await inState(tour, 'running')
      const url = await answers(tour, 'Hello from hello 1.0')
      await tour.click('deployment-open')
      await until('the browser being asked', async () => (await opened(tour)) === url)
      assert.deepEqual(await containersAt(tour.stage.engine.host), ['hello-1'])
    },
  },
  {
    name: 'its log: what it said at its start, and each request as it comes',
    async run(tour) {
      await tour.click('tab-logs')
      await tour.at('log-lines').getByText('ready, Hello at port 8080').first().waitFor()
      const url = await answers(tour, 'Hello')
      await httpGet(`${url}demo`)
      await tour.at('log-lines').getByText('url:/demo').first().waitFor()
    },
  },
  {
    name: 'change a variable: what is different is said before it is done',
    async run(tour) {
      await tour.click('tab-settings')
      await tour.click('edit-settings')
      await tour.see('deploy-name')
      await addVariable(tour, 'GREETING', 'Good morning')
      await tour.at('deploy-changes').locator('li').first().waitFor()
    },
  },
  {
    name: 'it has the variable',
    async run(tour) {
      await pressDeploy(tour)
      await inState(tour, 'running')
      await answers(tour, 'Good morning from hello 1.0')
    },
  },
  {
    name: 'upgrade to another tag: the new one first, then the old one goes',
    async run(tour) {
      await tour.click('tab-instances')
      await succeeds(tour, () => upgradeTo(tour, hello.second))
      await inState(tour, 'running')
      await answers(tour, 'Good morning from hello 2.0')
      assert.deepEqual(await containersAt(tour.stage.engine.host), ['hello-1'])
    },
  },
  {
    name: 'an upgrade that never becomes healthy: it says why, and the old one serves on',
    async run(tour) {
      const url = await answers(tour, 'hello 2.0')
      const job = await jobOf(tour, () => upgradeTo(tour, hello.broken))
      assert.equal(job.state, 'failed')
      assert.equal(job.error?.code, 'NOT_HEALTHY')
      await tour.page.locator('[data-testid="error-panel"][data-code="NOT_HEALTHY"]').first().waitFor()
      await tour.at('last-lines').getByText('licence server not found').waitFor()
      await inState(tour, 'running')
      await tour.at('instance-1').nth(1).waitFor({ state: 'detached' })
      assert.match((await httpGet(url)).text, /Good morning from hello 2\.0/)
      assert.deepEqual(await containersAt(tour.stage.engine.host), ['hello-1'])
    },
  },
  {
    name: 'roll back to an earlier version in one click',
    async run(tour) {
      await tour.click('tab-history')
      await tour.see('version-3')
      await succeeds(tour, () => tour.click('roll-back-1'))
      await inState(tour, 'running')
      await answers(tour, 'Hello from hello 1.0')
      await tour.see('version-4')
      const { versions } = await detailOf(tour, name)
      assert.deepEqual(
        versions.map(({ reason }) => reason),
        ['rollback', 'upgrade', 'change', 'new'],
      )
    },
  },
]
