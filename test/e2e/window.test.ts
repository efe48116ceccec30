import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Settings } from '@shared/settings'
import { startLab } from '../lab/lab'
import { electronBinary } from '../lab/launch/electron.mjs'
import { buildMachineImage } from '../lab/machine-image'
import { environment } from '../lab/program-environment'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { until } from '../lab/until'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { overflowOf } from './journey/overflow'
import { middleOf } from './journey/place'
import { accountOf, addRegistry, call } from './journey/set-up'
import { goTo, reach, rowOf } from './journey/transfers'
import { digestInStorage, tenant } from './stage'

const images = { web: 'shop-web:1.4.0', api: 'shop-api:2.0', base: 'jdk17:2026.11' }

describe('the window', () => {
  const setLab = () =>
    startLab({ engine: {}, bearerRegistry: {}, keyring: {}, display: { width: 2000, height: 1200 } })
  let lab: Awaited<ReturnType<typeof setLab>>
  let userData: TemporaryFolder
  let journey: Journey
  let registryId = ''

  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await journey.page.keyboard.press(key)
  }
  const bounds = () =>
    journey.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds())
  const targetsOf = (): Promise<string[]> =>
    journey.page
      .locator('[data-testid="composer-name"]')
      .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value))
  /** Takes hold of a local image, goes to another place with it in the hand, and lets it go there. */
  const carry = async (image: string, repository: string | undefined, onto: string): Promise<void> => {
    await journey.click('nav-local')
    await journey.lift(journey.at(`row-${image}`))
    await journey.see('drop-overlay')
    await goTo(journey, 'private', registryId, repository)
    const { x, y } = await middleOf(journey.at(onto).first())
    await journey.page.mouse.move(x, y, { steps: 8 })
  }
  /** Waits until what has just opened has taken the keys. */
  const hasFocus = (place: string): Promise<void> => journey.page.locator(`${place}:focus`).waitFor()
  const closeComposer = async (): Promise<void> => {
    await hasFocus('[data-testid="composer-name"]')
    await press('Escape')
    await journey.gone('composer')
  }

  beforeAll(async () => {
    lab = await setLab()
    userData = temporaryFolder('user-data')
    for (const image of Object.values(images)) await buildMachineImage(lab.engine.host, image, [100_000])
    const { engine, keyring, display } = lab
    journey = new Journey({ engineHost: engine.host, keyring, display, userData: userData.path, lang: 'en' })
    await journey.start()
    const account = accountOf(lab.bearerRegistry, 'developer')
    const roles = { name: 'Company images', library: 'library', tenant, account }
    registryId = (await addRegistry(journey, lab.bearerRegistry, roles)).id
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await lab.stop()
    userData.remove()
  })

  it('opens again where it was', async () => {
    const place = { x: 180, y: 90, width: 1104, height: 708 }
    await journey.app.evaluate(({ BrowserWindow }, wanted) => {
      BrowserWindow.getAllWindows()[0]?.setBounds(wanted)
    }, place)
    await until('the window at its place', async () => (await bounds())?.x === place.x)
    await journey.start()
    expect(await bounds()).toEqual(place)
  })

  it('is there once: a second start brings it to the front and ends', async () => {
    await journey.app.evaluate(({ BrowserWindow, app }) => {
      const [window] = BrowserWindow.getAllWindows()
      if (!window) throw new Error('no window')
      const seen = { starts: 0, focused: 0 }
      Object.assign(globalThis, { seen })
      app.on('second-instance', () => (seen.starts += 1))
      const focus = window.focus.bind(window)
      window.focus = () => {
        seen.focused += 1
        focus()
      }
    })
    const folder = temporaryFolder('second')
    for (const name of ['home', 'run', 'docker']) mkdirSync(folder.join(name))
    const electron = await electronBinary({ virtualDisplay: true })
    const env = { ...environment(folder.path, 'en', {}), ...lab.display.env, ...electron.env }
    const second = spawn(electron.executable, [...electron.args, `--user-data-dir=${userData.path}`], {
      ...{ env, stdio: 'ignore', cwd: folder.path },
    })
    const [code] = (await once(second, 'exit')) as [number]
    folder.remove()
    expect(code).toBe(0)
    const seen = await until('the first told', () =>
      journey.app.evaluate(() => {
        const { seen } = globalThis as unknown as { seen: { starts: number; focused: number } }
        return seen.starts > 0 && seen.focused > 0 && seen
      }),
    )
    expect(seen).toEqual({ starts: 1, focused: 1 })
    expect(journey.app.windows()).toHaveLength(1)
  })

  it('does the main job without a mouse', async () => {
    await goTo(journey, 'private', registryId)
    await journey.see(`row-${tenant}/iuap-web`)
    await press('Control+1')
    await journey.see('catalog-public')
    await press('/')
    await hasFocus('[data-testid="filter"] input')
    await journey.page.keyboard.type('ngin')
    await journey.at('catalog-card-library/tomcat').waitFor({ state: 'detached' })
    await press('ArrowDown', 'Enter')
    await journey.see('repository-page')
    await press('Control+[')
    await journey.see('catalog-public')
    await journey.at('catalog-card-library/nginx').waitFor()
    expect(await journey.at('filter').locator('input').inputValue(), 'the filter is still there').toBe('ngin')
    await press('Control+]')
    await journey.see('repository-page')
    await press('Alt+ArrowLeft')
    await journey.see('catalog-public')

    await press('Control+k')
    await hasFocus('[data-testid="palette"] input')
    await journey.page.keyboard.type('order-service')
    await journey.at('palette').getByRole('option').filter({ hasText: 'order-service' }).first().waitFor()
    await press('Enter')
    await journey.gone('palette')
    await journey.see('repository-page')
    await journey.at('tag-row').filter({ hasText: '0.9.1' }).waitFor()
    // The second time, with a text that is typed again: the search goes on after it was emptied.
    await press('Control+k')
    await hasFocus('[data-testid="palette"] input')
    await journey.page.keyboard.type('order-service')
    await journey.at('palette').getByRole('option').filter({ hasText: 'order-service' }).first().waitFor()
    await press('Escape')
    await journey.gone('palette')

    await press('Control+3')
    await journey.see(`row-${images.base}`)
    await press('/')
    await journey.page.keyboard.type('shop-web')
    await journey.at(`row-${images.base}`).waitFor({ state: 'detached' })
    await press('ArrowDown', 'ArrowDown', 'Enter')
    await journey.see('composer')
    await hasFocus('[data-testid="composer-name"]')
    await press('Control+a')
    await journey.page.keyboard.type('by-keys')
    await press('Tab', 'Control+a')
    await journey.page.keyboard.type('7.0')
    expect(await journey.at('composer-tag').inputValue()).toBe('7.0')
    await journey.page.locator('[data-testid="composer-start"]:not([disabled])').waitFor()
    await press('Control+Enter')
    await journey.gone('composer')
    await press('Control+5')
    await reach(rowOf(journey, '/by-keys:7.0'), 'succeeded')
    expect(digestInStorage(lab.bearerRegistry, `${tenant}/by-keys`, '7.0')).toMatch(/^sha256:/)

    await press('Control+3')
    await journey.see(`row-${images.base}`)
    await press('/', 'ArrowDown', 'ArrowDown', 'Enter')
    await journey.see('composer')
    await closeComposer()
    const sections = ['public', 'private', 'local', 'deployments', 'transfers', 'pools', 'settings']
    for (const section of [...sections.slice(1), 'public']) {
      await press(`Control+${sections.indexOf(section) + 1}`)
      await journey.page.locator(`[data-testid="nav-${section}"][aria-current="page"]`).waitFor()
    }
    await press('Control+2')
    await journey.see('catalog-private')
    await press('Control+,')
    await journey.see('setting-language')
  })

  it('takes images dropped on a repository, on its page, and anywhere', async () => {
    await carry(images.api, undefined, `row-${tenant}/order-service`)
    await journey.at('drop-overlay').getByText(`${tenant}/order-service`).first().waitFor()
    await journey.page.mouse.up()
    await journey.see('composer')
    expect(await targetsOf()).toEqual(['order-service'])
    expect(await journey.at('composer-tag').inputValue()).toBe('2.0')
    await closeComposer()

    await carry(images.api, `${tenant}/jdk8_ownbase`, 'repository-page')
    await journey.page.mouse.up()
    await journey.see('composer')
    expect(await targetsOf()).toEqual(['jdk8'])
    expect(await journey.at('composer-ownbase').getAttribute('aria-checked')).toBe('true')
    await closeComposer()

    // Onto the header of the page that it came from.
    await journey.click('nav-local')
    await journey.drag(journey.at(`row-${images.base}`), journey.at('local-images').locator('h1').first())
    await journey.see('composer')
    expect(await targetsOf()).toEqual(['jdk17'])
    await closeComposer()
  })

  it('pushes several images with one drag', async () => {
    await journey.click('nav-local')
    const name = { x: 120, y: 18 }
    await journey.at(`row-${images.web}`).click({ position: name })
    await journey.at(`row-${images.api}`).click({ position: name, modifiers: ['Control'] })
    await journey.at(`row-${images.base}`).click({ position: name, modifiers: ['Control'] })
    await journey.drag(journey.at(`row-${images.api}`), journey.at('nav-private'), async () => {
      await journey.at('drop-overlay').getByText('3').first().waitFor()
    })
    await journey.see('composer')
    expect((await targetsOf()).sort()).toEqual(['jdk17', 'shop-api', 'shop-web'])
    await journey.page.locator('[data-testid="composer-start"]:not([disabled])').waitFor()
    await journey.click('composer-start')
    await journey.gone('composer')
    await journey.click('nav-transfers')
    for (const [image, tag] of [
      ['shop-web', '1.4.0'],
      ['shop-api', '2.0'],
      ['jdk17', '2026.11'],
    ] as const) {
      await reach(rowOf(journey, `/${image}:${tag}`), 'succeeded')
      expect(digestInStorage(lab.bearerRegistry, `${tenant}/${image}`, tag)).toMatch(/^sha256:/)
    }
  })

  it('changes language and theme at once, and keeps them', async () => {
    await press('Control+,')
    await journey.at('setting-language').getByTestId('choice-zh-CN').click()
    await journey.at('nav-private').getByText('私有').waitFor()
    await journey.page.locator('html[lang="zh-CN"]').waitFor()
    const ground = () => journey.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    await journey.at('setting-theme').getByTestId('choice-light').click()
    const light = await until('the light ground', ground)
    await journey.at('setting-theme').getByTestId('choice-dark').click()
    await until('the dark ground', async () => (await ground()) !== light)
    await journey.start()
    await journey.at('nav-private').getByText('私有').waitFor()
    expect(await ground()).not.toBe(light)
    await call(journey, 'settings:change', { language: 'en', theme: 'light' })
    await journey.at('nav-private').getByText('Private').waitFor()
    expect(await ground()).toBe(light)
  })

  it('fits into 1100x700 and 1920x1080 everywhere, in both languages, light and dark', async () => {
    const repository = `${tenant}/order-service`
    const at = (section: string, ...rest: string[]): string =>
      `#/${[section, ...rest].map(encodeURIComponent).join('/')}`
    const places = [
      ...[at('public'), at('private'), at('local'), at('deployments'), at('transfers'), at('pools')],
      ...['general', 'registries', 'engine', 'keys', 'about'].map((tab) => at('settings', tab)),
      ...[at('private', registryId, repository), at('private', registryId, repository, '1.0.0')],
      at('welcome'),
    ]
    const looks: Partial<Settings>[] = [
      { language: 'en', theme: 'light' },
      { language: 'zh-CN', theme: 'dark' },
      { language: 'en', theme: 'dark' },
      { language: 'zh-CN', theme: 'light' },
    ]
    const found: string[] = []
    for (const [width, height] of [
      [1100, 700],
      [1920, 1080],
    ] as const) {
      await journey.app.evaluate(
        ({ BrowserWindow }, [w, h]) =>
          BrowserWindow.getAllWindows()[0]?.setBounds({ x: 0, y: 0, width: w, height: h }),
        [width, height] as const,
      )
      await journey.page.waitForFunction((wanted) => window.innerWidth === wanted, width)
      for (const look of looks) {
        await call(journey, 'settings:change', look)
        await journey.page.locator(`html[lang="${look.language}"]`).waitFor()
        for (const place of places) {
          const over = await overflowOf(journey.page, place)
          found.push(...over.map((one) => `${width} ${look.language} ${look.theme} ${place}: ${one}`))
        }
      }
    }
    expect(found).toEqual([])
  })
})
