/** Ten thousand repositories, a hundred thousand tags, five thousand of them in one repository: nothing blocks. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildImage } from '../lab/oci-image'
import { seedMany } from '../lab/seed'
import { until } from '../lab/until'
import { InProcessRegistry } from '../support/registry/in-process-registry'
import { refusal } from '../support/registry/test-server'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { longestStall, type Stall, watchLoop } from './journey/main-loop'
import { type RegistriesOnly, setRegistries } from './journey/registries-only'
import { answeredBy } from './journey/registry-facts'
import { addRegistry, call } from './journey/set-up'
import { allRead } from './journey/tags'
import { goTo } from './journey/transfers'

const repositories = 10_000
const wide = 'big/wide'
const wideTags = 5_000
/** Milliseconds; the goal is a third of it, measured where nothing else runs. */
const bound = 300
const late = 90_000
const tell = (what: string, { wall, own }: Stall): void =>
  console.info(`${what}: main stood still for ${own} ms at most (${wall} ms with others served; goal 100)`)

describe('many images', () => {
  let stage: RegistriesOnly
  let busy: InProcessRegistry
  let journey: Journey
  let registryId = ''
  let busyId = ''

  /** Tags of the wide repository whose manifests were asked for, in their order. */
  const asked = (): string[] =>
    answeredBy(stage.other).flatMap(({ path }) => {
      const tag = /^\/v2\/big\/wide\/manifests\/(v\d+)$/.exec(path)?.[1]
      return tag === undefined ? [] : [tag]
    })
  const onScreen = (): Promise<string[]> =>
    journey.page.evaluate(() => {
      const list = document.querySelector('[role="grid"]')?.getBoundingClientRect()
      const rows = [...document.querySelectorAll('[data-testid="tag-row"]')]
      return rows
        .filter((row) => {
          const { top, bottom } = row.getBoundingClientRect()
          return list && top >= list.top && bottom <= list.bottom
        })
        .map((row) => row.getAttribute('data-tag') ?? '')
    })

  beforeAll(async () => {
    ;[stage, busy] = await Promise.all([setRegistries(), InProcessRegistry.start()])
    const { other, proxy, display, userData } = stage
    await seedMany(other.storage, repositories, 10)
    for (let image = 0; image < 250; image += 1) {
      const built = buildImage({
        ...{ seed: `wide ${image}`, format: 'docker', layers: [{ size: 64, seed: 'wide' }] },
        created: new Date(Date.UTC(2020, 0, 1 + image)).toISOString(),
      })
      const tags = Array.from({ length: wideTags / 250 }, (_, index) => `v${image + index * 250}`)
      other.storage.put(wide, built, ...tags)
    }
    busy.seed('727524/app', '1.0')
    journey = new Journey({ display, userData, lang: 'en' })
    await journey.start()
    registryId = (await addRegistry(journey, other, { name: 'Big', host: proxy.address, tenant: 'big' })).id
    busyId = (await addRegistry(journey, other, { name: 'Busy', host: busy.host, tenant: '727524' })).id
    await journey.start()
  }, 600_000)
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await Promise.all([busy.stop(), stage.stop()])
  })

  it('lists ten thousand repositories while the main process stays free', async () => {
    await watchLoop(journey)
    await goTo(journey, 'private', registryId)
    await journey.page
      .locator(`[role="grid"][aria-rowcount="${repositories + 2}"]`)
      .waitFor({ timeout: late })
    await journey.page.getByRole('grid').focus()
    await journey.page.keyboard.press('End')
    await journey.see(`row-${wide}`)
    const stall = await longestStall(journey)
    tell(`catalog of ${repositories}`, stall)
    expect(stall.own).toBeLessThan(bound)
  })

  it('reads the details of the tags on screen first, and main stays free meanwhile', async () => {
    await watchLoop(journey)
    stage.proxy.faults.delay = 20
    await goTo(journey, 'private', registryId, wide)
    await journey.page.locator(`[role="grid"][aria-rowcount="${wideTags + 1}"]`).waitFor({ timeout: late })
    await until('details', () => asked().length > 20)
    await journey.page.getByRole('grid').focus()
    await journey.page.keyboard.press('End')
    // The last row says that the list stands where it was sent.
    await until('the end of the list', async () => (await onScreen()).length > 5)
    const shown = await onScreen()
    const before = asked().length
    const read = new Set(asked())
    const wanted = shown.filter((tag) => !read.has(tag))
    await until('the details of what is on screen', () => wanted.every((tag) => asked().includes(tag)), {
      timeout: late,
    })
    const since = asked().slice(before)
    const last = Math.max(...wanted.map((tag) => since.indexOf(tag)))
    console.info(`${wanted.length} tags on screen were read within ${last + 1} requests of ${wideTags}`)
    expect(wanted.length).toBeGreaterThan(3)
    // What was on its way already, and what the rows beyond the edges want.
    expect(last).toBeLessThan(wanted.length + 100)
    const stall = await longestStall(journey)
    tell(`repository of ${wideTags}`, stall)
    expect(stall.own).toBeLessThan(bound)
  })

  it('stops asking when the user goes elsewhere', async () => {
    expect(asked().length, 'there is a lot left to ask for').toBeLessThan(wideTags / 2)
    await goTo(journey, 'private', registryId, 'big/00007')
    const left = asked().length
    stage.proxy.faults.delay = 0
    await allRead(journey)
    // The same way as fast again: what still were to come would have come by now.
    await call(journey, 'repository:read', { registryId, repository: 'big/00008', refresh: 'force' })
    await until('another repository, whole', async () => {
      const { tags } = await call(journey, 'repository:read', {
        ...{ registryId, repository: 'big/00008', refresh: 'never' },
      })
      return tags.length === 10 && tags.every(({ detail }) => detail !== 'missing')
    })
    console.info(`after leaving ${asked().length - left} requests came`)
    expect(asked().length - left).toBeLessThan(33)
  })

  it('waits for a registry that asks for a pause, and for no other', async () => {
    let refused = 0
    busy.on(
      '*',
      /^\/v2\/727524\/app/,
      (request, response) => {
        refused += 1
        response.setHeader('retry-after', '12')
        refusal(429, 'TOOMANYREQUESTS')(request, response)
      },
      1,
    )
    await goTo(journey, 'private', busyId, '727524/app')
    await until('the refusal', () => refused > 0)
    const paused = performance.now()
    const { length } = busy.requests
    // The other one is read whole meanwhile.
    await goTo(journey, 'private', registryId, 'big/00042')
    await allRead(journey)
    const took = performance.now() - paused
    const between = busy.requests.slice(length)
    console.info(`the other registry answered ${Math.round(took)} ms into a pause of 12 s`)
    if (took < 12_000) expect(between, 'nobody asks during the pause').toEqual([])
    await goTo(journey, 'private', busyId, '727524/app')
    await journey.at('tag-row').first().waitFor({ timeout: late })
    expect(refused).toBe(1)
    expect(took).toBeLessThan(12_000)
  })
})
