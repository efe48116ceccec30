/** Deployments as their user sees them, and what really runs: asked over HTTP and at the engine. */
import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import { isEnded, isPoolJob, type PoolJob } from '@shared/job'
import type { DeploymentDetail, DeploymentState, DeploymentSummary } from '@shared/running'
import { engineDemand } from '../../lab/engine-api'
import { httpGet } from '../../lab/http-get'
import { until } from '../../lab/until'
import type { Journey } from './journey'
import { call } from './set-up'

/** How long a job on a pool may take on a busy machine; milliseconds. */
export const patience = 90_000

/** Opens the form for a tag of a registry, as Deploy on its row does. */
export async function openForm(
  journey: Journey,
  registryId: string,
  repository: string,
  reference: string,
): Promise<void> {
  const query = new URLSearchParams({ from: 'registry', registryId, repository, reference })
  await journey.page.evaluate((hash) => void (location.hash = hash), `#/deploy?${query}`)
  await journey.see('deploy-name')
}

/** Opens a deployment's page from the list. */
export async function openDeployment(journey: Journey, name: string): Promise<void> {
  await journey.click('nav-deployments')
  await journey.see('deployments')
  await journey.page.getByTestId(`deployment-${name}`).getByText(name, { exact: true }).first().click()
  await journey.see('deployment-page')
}

const poolJobs = async (journey: Journey): Promise<PoolJob[]> =>
  (await call(journey, 'job:list', undefined)).filter(isPoolJob)

/** Does what puts a job on a pool into the queue, and answers that job once it has ended. */
export async function jobOf(journey: Journey, action: () => Promise<unknown>): Promise<PoolJob> {
  const before = new Set((await poolJobs(journey)).map(({ id }) => id))
  await action()
  return until(
    'a job on a pool having ended',
    async () => (await poolJobs(journey)).find(({ id, state }) => !before.has(id) && isEnded(state)),
    { timeout: patience, interval: 100 },
  )
}

/** As `jobOf`, and the job has succeeded. */
export async function succeeds(journey: Journey, action: () => Promise<unknown>): Promise<PoolJob> {
  const job = await jobOf(journey, action)
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error))
  return job
}

/** Presses Deploy in the form; the page of the deployment comes. */
export const deploy = (journey: Journey): Promise<PoolJob> =>
  succeeds(journey, async () => {
    await journey.page.locator('[data-testid="deploy-start"]:enabled').click()
    await journey.see('deployment-page')
  })

/** Waits until the page that is open tells this state. */
export const inState = (journey: Journey, state: DeploymentState): Promise<void> =>
  journey
    .at('deployment-page')
    .locator(`[data-testid="deployment-state"][data-state="${state}"]`)
    .first()
    .waitFor({ timeout: patience })

/** A deployment by name, asked anew of its pool. */
export async function summaryOf(journey: Journey, name: string): Promise<DeploymentSummary> {
  const { deployments } = await call(journey, 'deployment:list', { refresh: true })
  const found = deployments.find((one) => one.name === name)
  assert.ok(found, `there is a deployment ${name}`)
  return found
}

export async function detailOf(journey: Journey, name: string): Promise<DeploymentDetail> {
  const { poolId, id } = await summaryOf(journey, name)
  return call(journey, 'deployment:read', { poolId, id })
}

/** The address behind the page's Open, once something answers there as `expected` says. */
export async function answers(journey: Journey, expected: string): Promise<string> {
  return until(
    `an answer with “${expected}”`,
    async () => {
      const url = await journey.at('deployment-open').getAttribute('title', { timeout: 1000 })
      const { text } = await httpGet(url ?? '')
      if (!text.includes(expected)) throw new Error(`${url}: ${text}`)
      return url
    },
    { timeout: 30_000, interval: 100 },
  )
}

/** Chooses another tag in the page's upgrade dialog, and confirms. */
export async function upgradeTo(journey: Journey, tag: string): Promise<void> {
  await journey.page.locator('[data-testid="deployment-upgrade"]:enabled').click()
  const dialog = journey.at('upgrade-dialog')
  await dialog.waitFor()
  // The dialog gives the focus to the field when it is all there.
  const field = dialog.locator('[data-testid="upgrade-tag"] input')
  await field.and(journey.page.locator(':focus')).waitFor()
  await field.fill(tag)
  await journey.page.keyboard.press('Enter')
  await journey.page.locator('[data-testid="upgrade-confirm"]:enabled').click()
  await journey.gone('upgrade-dialog')
}

/** Sets how many instances shall run in the page's dialog, and confirms. */
export async function scaleTo(journey: Journey, instances: number): Promise<void> {
  await journey.page.locator('[data-testid="deployment-scale"]:enabled').click()
  const field = journey.at('scale-dialog').locator('input')
  await field.and(journey.page.locator(':focus')).waitFor()
  await field.fill(String(instances))
  await journey.page.keyboard.press('Tab')
  await journey.page.locator('[data-testid="scale-confirm"]:enabled').click()
  await journey.gone('scale-dialog')
}

/** Types the deployment's name into the dialog that asks before it goes, and confirms. */
export async function removeIt(journey: Journey, name: string): Promise<void> {
  await journey.page.locator('[data-testid="deployment-remove"]:enabled').click()
  await journey.see('remove-deployment')
  await journey.at('remove-name').locator('input').fill(name)
  await journey.click('remove-confirm')
  await journey.gone('remove-deployment')
}

/** Adds an environment variable to the form. */
export async function addVariable(journey: Journey, name: string, value: string): Promise<Locator> {
  await journey.click('environment-add')
  const row = journey.at('environment-row').last()
  await row.getByTestId('environment-name').fill(name)
  await row.getByTestId('environment-value').fill(value)
  return row
}

/** The names of all containers of an engine, sorted, whatever their state. */
export async function containersAt(host: string): Promise<string[]> {
  const list = JSON.parse(await engineDemand(host, 'GET', '/containers/json?all=true')) as {
    Names: string[]
  }[]
  return list.flatMap(({ Names }) => Names.map((name) => name.replace(/^\//, ''))).sort()
}
