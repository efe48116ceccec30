/** Other places to deploy to: a swarm of two hosts, Podman over ssh. And the end of what was deployed. */
import assert from 'node:assert/strict'
import { httpGet } from '../../lab/http-get'
import { until } from '../../lab/until'
import {
  answers,
  containersAt,
  deploy as pressDeploy,
  inState,
  openDeployment,
  openForm,
  removeIt,
  scaleTo,
  succeeds,
} from '../journey/deployments'
import { addRegistry, call } from '../journey/set-up'
import { hello } from '../stage'
import type { Step } from './step'
import type { Tour } from './tour'

/** Opens the form for a new pool and fills it in; tested, not saved. */
async function fillPool(
  tour: Tour,
  way: 'ssh' | 'tls',
  fields: { name: string; host: string; 'ssh-config'?: string; certificates?: string },
): Promise<void> {
  await tour.click('nav-pools')
  await tour.see('pools-page')
  await tour.click('pool-add')
  await tour.see('pool-form')
  await tour.click(`choice-${way}`)
  for (const [field, text] of Object.entries(fields)) await tour.fill(`pool-${field}`, text)
  await tour.click('pool-test')
  for (const step of ['connect', 'engine']) {
    await tour.at('pool-steps').locator(`[data-step="${step}"][data-state="ok"]`).waitFor()
  }
}

/** Saves the form, and makes the pool the current one once it answers. */
async function choosePool(tour: Tour, card: string): Promise<void> {
  await tour.click('pool-save')
  await tour.gone('pool-form')
  const found = tour.page.locator(`[data-testid="pool-${card}"][data-state="online"]`)
  await found.getByTestId('pool-choose').click()
  await found.getByTestId('pool-current').waitFor()
}

/** Fills the form for the image of the registry with this host, under a name of its own. */
async function fillForm(tour: Tour, host: string, name: string): Promise<void> {
  const { registries } = await call(tour, 'registry:list', undefined)
  const registry = registries.find((one) => one.host === host)
  await openForm(tour, registry?.id ?? '', hello.repository, hello.second)
  await tour.fill('deploy-name', name)
  await tour.at('deploy-lines').locator('li').first().waitFor()
}

export const pools: Step[] = [
  {
    name: 'add a swarm of two hosts by TLS: its manager is tested, its hosts are found',
    async run(tour) {
      const { swarm, mirror } = await tour.stage.pools()
      await addRegistry(tour, mirror, { name: 'Images for the cluster', library: 'library' })
      const { host, certificates } = swarm.manager.engine.tls ?? { host: '' }
      await fillPool(tour, 'tls', { name: 'Cluster', host, certificates })
      await choosePool(tour, 'Cluster · Swarm')
      const card = tour.at('pool-Cluster · Swarm')
      await card.getByTestId('pool-nodes-toggle').click()
      await card.locator('[data-testid^="node-"][data-state="ready"]').nth(1).waitFor()
    },
  },
  {
    name: 'deploy to the swarm: it has the current pool, and every host answers for it',
    async run(tour) {
      const { swarm, mirror } = await tour.stage.pools()
      await fillForm(tour, mirror.host, 'greeter')
      await pressDeploy(tour)
      await inState(tour, 'running')
      const url = new URL(await answers(tour, 'Hello from hello 2.0'))
      for (const { engine } of swarm.nodes) {
        url.hostname = engine.address
        assert.match((await httpGet(url.href)).text, /hello 2\.0/)
      }
    },
  },
  {
    name: 'scale it: instances on both hosts',
    async run(tour) {
      const { swarm } = await tour.stage.pools()
      await succeeds(tour, () => scaleTo(tour, 4))
      await inState(tour, 'running')
      await tour.at('instance-4').waitFor()
      for (const host of ['host-1', 'host-2'])
        assert.equal(await tour.page.getByText(host, { exact: true }).count(), 2)
      for (const { engine } of swarm.nodes) assert.equal((await containersAt(engine.host)).length, 2)
    },
  },
  {
    name: 'Podman on a host that is reached over ssh: each step of the way is told',
    async run(tour) {
      const { ssh } = await tour.stage.pools()
      const { host, configs } = ssh
      await fillPool(tour, 'ssh', { name: 'Workshop', host, 'ssh-config': configs.right })
    },
  },
  {
    name: 'deploy there: that host pulls the image itself',
    async run(tour) {
      const { podman } = await tour.stage.pools()
      await choosePool(tour, 'Workshop')
      await fillForm(tour, tour.stage.publicRegistry.host, 'remote')
      await pressDeploy(tour)
      await inState(tour, 'running')
      await answers(tour, 'Hello from hello 2.0')
      assert.deepEqual(await containersAt(podman.host), ['remote-1'])
    },
  },
  {
    name: 'everything that runs, wherever it does',
    async run(tour) {
      await tour.click('nav-deployments')
      for (const name of ['hello', 'greeter', 'remote']) await tour.see(`deployment-${name}`)
    },
  },
  {
    name: 'remove it: nothing of it is left at the engine',
    async run(tour) {
      await openDeployment(tour, 'hello')
      await succeeds(tour, () => removeIt(tour, 'hello'))
      await until('it being gone', async () => {
        return (await containersAt(tour.stage.engine.host)).length === 0
      })
      await tour.click('nav-deployments')
      await tour.see('deployment-remote')
      await tour.gone('deployment-hello')
    },
  },
]
