import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { imageTabs } from '@/image-tabs'
import { visibleText } from '@shared/visible-text'
import { startLab } from '../lab/lab'
import { buildImage } from '../lab/oci-image'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { corpus, million, mixture } from './hostile/corpus'
import { putHostile, tags } from './hostile/images'
import { Watch } from './hostile/harm'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { encodingsOf, keptFiles } from './journey/kept-files'
import { startListener, type Listener } from './journey/listener'
import { overflowOf } from './journey/overflow'
import { accountOf, addRegistry, call } from './journey/set-up'
import { allRead, fromMenu, tagRow } from './journey/tags'
import { goTo } from './journey/transfers'
import { tenant } from './stage'

/** With letters that each encoding writes in another way. */
const password = `p+/=?&%ä ${randomBytes(12).toString('base64')}`
const repository = 'library/hostile'
const own = `${tenant}/hostile`

describe('a registry that wishes us ill', () => {
  const setLab = () =>
    startLab({ bearerRegistry: { users: [{ name: 'developer', password }] }, keyring: {}, display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let userData: TemporaryFolder
  let journey: Journey
  /** Answers as a registry does, with errors; what else is asked of it was made to be asked by its words. */
  let server: Listener
  let watch: Watch
  let registryId = ''

  const openTag = async (section: 'public' | 'private', name: string, tag: string): Promise<void> => {
    const place = ['', section, registryId, name, tag].map(encodeURIComponent).join('/')
    await journey.page.evaluate((hash) => void (location.hash = hash), `#${place}`)
    await journey.see('image-page')
    await journey.page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' })
  }

  beforeAll(async () => {
    lab = await setLab()
    userData = temporaryFolder('user-data')
    server = await startListener((path, response) => {
      const text = `${mixture(server.host)} ${path.includes('million') ? million.text : ''}`
      const body = { errors: [{ code: text, message: text, detail: text }] }
      const headers = { 'content-type': 'application/json', 'docker-distribution-api-version': '<img src=x>' }
      response.writeHead(path === '/v2/' ? 200 : 500, headers).end(JSON.stringify(body))
    })
    const { keyring, display, bearerRegistry } = lab
    for (const name of [repository, own]) putHostile(bearerRegistry.storage, name, server.host)
    bearerRegistry.storage.put(
      `library/${'long-name-'.repeat(23)}x`,
      buildImage({ seed: 'long', format: 'oci', layers: [{ size: 100 }] }),
      '1',
    )
    journey = new Journey({ keyring, display, userData: userData.path, lang: 'en' })
    await journey.start({ size: { width: 1100, height: 700 } })
    const account = accountOf(bearerRegistry, 'developer')
    const roles = { name: mixture(server.host).slice(0, 60), library: 'library', tenant, account }
    registryId = (await addRegistry(journey, bearerRegistry, roles)).id
    watch = await Watch.begin(journey, server, (path) => path.startsWith('/v2/'))
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await lab.stop()
    await server.stop()
    userData.remove()
  })

  it('shows repositories, tags and what they say of themselves as text', async () => {
    await goTo(journey, 'public', registryId)
    await journey.click('refresh')
    await journey.at(`catalog-card-${repository}`).getByText('onerror=').first().waitFor()
    await watch.harmless('cards')
    await journey.click('choice-table')
    await journey.see(`row-${repository}`)
    await watch.harmless('the catalog’s table')
    await journey.click('choice-cards')
    await goTo(journey, 'private', registryId)
    await journey.see(`row-${own}`)
    await watch.harmless('own images')
    await goTo(journey, 'public', registryId, repository)
    await allRead(journey)
    await journey.page.getByText('onerror=').first().waitFor()
    await watch.harmless('a repository')
    await tagRow(journey, tags.image).getByTestId('tag-menu').click()
    await journey.see('menu-delete')
    await watch.harmless('the menu of a tag')
    await journey.page.keyboard.press('Escape')
  })

  it('shows every image, on every tab, as text', async () => {
    for (const tag of Object.values(tags)) {
      await openTag('public', repository, tag)
      // The same image by a long name: what is above its tabs is what differs.
      for (const tab of tag === tags.long ? imageTabs.slice(0, 1) : imageTabs) {
        const place = journey.at(`tab-${tab}`)
        if ((await place.count()) === 0) continue
        await place.click()
        await journey.see(`panel-${tab}`)
        await watch.harmless(`${tag}: ${tab}`)
      }
    }
  })

  it('is found, copied and deleted as text', async () => {
    await journey.page.evaluate(() => void (location.hash = '#/search'))
    for (const words of ['onerror', 'hostile', 'safe', 'שלום', mixture(server.host)]) {
      await journey.fill('search-field', words)
      await journey.page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' })
      await watch.harmless(`search for ${words.slice(0, 10)}`)
    }
    await journey.fill('search-field', 'onerror')
    await journey.at('search-hit').first().waitFor()
    await watch.harmless('what a search finds')
    await journey.click('palette-open')
    await journey.at('palette').locator('input').fill('onerror')
    await journey.at('palette').getByText('onerror').nth(1).waitFor()
    await watch.harmless('the palette')
    await journey.page.keyboard.press('Escape')
    await goTo(journey, 'private', registryId, own)
    await fromMenu(journey, tags.long, 'menu-copyTo')
    await journey.see('composer')
    await watch.harmless('the composer')
    await journey.page.keyboard.press('Escape')
    await journey.gone('composer')
    await fromMenu(journey, tags.long, 'menu-delete')
    await journey.see('delete-list')
    await watch.harmless('the question before a deletion')
    await journey.click('delete-cancel')
  })

  it('gives commands that are one line, and that a shell takes as they are meant', async () => {
    const reference = `${lab.bearerRegistry.host}/${repository}`
    await openTag('public', repository, tags.image)
    const digest = await journey.at('image-digest').innerText()
    await journey.click('copy-pull')
    expect(wordsOf(await watch.copied())).toEqual(['docker', 'pull', `${reference}:${tags.image}`])
    await journey.click('tab-usage')
    const copy = async (block: string): Promise<string> => {
      const place = journey.at(`usage-${block}`)
      await place.click()
      const text = await watch.copied()
      expect(text, 'is what is shown').toBe(await place.locator('xpath=..').locator('pre').textContent())
      return text
    }
    expect(wordsOf(await copy('pullTag'))).toEqual(['docker', 'pull', `${reference}:${tags.image}`])
    expect(wordsOf(await copy('pullDigest'))).toEqual(['docker', 'pull', `${reference}@${digest}`])
    const run = wordsOf(await copy('run'))
    expect(run.slice(0, 9)).toEqual([
      'docker',
      'run',
      '-d',
      '--name',
      'hostile',
      '-p',
      '8080:8080',
      '-v',
      'hostile-data:/data',
    ])
    expect(run.at(-1)).toBe(`${reference}:${tags.image}`)
    const mounts = run.filter((_, at) => run[at - 1] === '-v').map((one) => one.replace(/^[^:]*:/, ''))
    const texts = corpus(server.host).map(({ text }) => `/v/${text}`)
    expect(mounts.slice(1).filter((path) => !texts.includes(path))).toEqual([])
    expect(mounts.length).toBeGreaterThan(4)
    expect(visibleText(await copy('compose'))).toBe(await copy('compose'))
    expect(await copy('from')).toBe(`FROM ${reference}@${digest}`)
    // The manifest says the same, with nothing hidden in it.
    await journey.click('tab-raw')
    await journey.page.locator('[data-testid="panel-raw"] .copy').click()
    const raw = await watch.copied()
    expect(visibleText(raw)).toBe(raw)
    expect((JSON.parse(raw) as { annotations: object }).annotations).toMatchObject({
      'label-escape': 'safe\u2069\u202e\u2067 turned',
    })
  })

  it('holds its place in the other language and in the dark', async () => {
    await call(journey, 'settings:change', { language: 'zh-CN', theme: 'dark' })
    await journey.page.locator('html[lang="zh-CN"]').waitFor()
    const at = (...parts: string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`
    const places = [
      ...[at('public', registryId), at('private', registryId), at('public', registryId, repository)],
      ...imageTabs.map((tab) => `${at('public', registryId, repository, tags.index)}?tab=${tab}`),
      ...['#/search?q=onerror', '#/settings/registries', '#/settings/about', '#/pools', '#/transfers'],
    ]
    for (const place of places) {
      expect(await overflowOf(journey.page, place), place).toEqual([])
      await watch.harmless(`in the dark ${place.slice(0, 30)}`)
    }
    await call(journey, 'settings:change', { language: 'en', theme: 'light' })
    await journey.page.locator('html[lang="en"]').waitFor()
  })

  it('shows its errors as text as well, a million characters of them', async () => {
    const { id } = await call(journey, 'registry:add', {
      ...{ name: mixture(server.host).slice(60, 130), host: server.host, protocol: 'http', preset: 'other' },
      ...{ trust: { kind: 'system' }, publicRole: { namespace: '' }, privateRole: { namespace: tenant } },
    })
    await goTo(journey, 'public', id)
    await journey.page.locator('main [data-testid="error-panel"]').first().waitFor()
    await watch.harmless('an error')
    await journey.click('error-details')
    const details = journey.page.locator('main .details')
    await details.getByText('onerror=').first().waitFor()
    await watch.harmless('its details')
    await journey.page.locator('main .error-panel .copy').click()
    expect((await watch.copied()).trimEnd()).toBe((await details.textContent())?.trimEnd())
    for (const place of [`#/public/${id}/app`, `#/public/${id}/app/1.0`, `#/public/${id}/million`]) {
      await journey.page.evaluate((hash) => void (location.hash = hash), place)
      await journey.page.locator('main [data-testid="error-panel"]').first().waitFor()
      await watch.harmless(`an error at ${place.slice(-9)}`)
    }
    await journey.click('registry-switcher')
    await journey.at(`switch-public-${server.host}`).waitFor()
    await watch.harmless('the list of registries')
    await journey.page.keyboard.press('Escape')
    await journey.page.evaluate(() => void (location.hash = '#/settings/registries'))
    await journey.at(`registry-${server.host}`).getByTestId('registry-edit').click()
    await journey.click('registry-test')
    await journey.page
      .locator('[data-step="catalog"][data-state="failed"], [data-step="catalog"][data-state="warning"]')
      .waitFor()
    await watch.harmless('the steps of a test')
    await journey.click('registry-cancel')
    await journey.at(`registry-${server.host}`).getByTestId('registry-remove').click()
    await journey.see('remove-confirm')
    await watch.harmless('the question before a registry goes')
    await journey.click('remove-cancel')
  })

  it('has the password in no file, no argument and no output, in no encoding', async () => {
    const everything = keptFiles(userData.path)
    expect(everything.length).toBeGreaterThan(5)
    const { stdout: processes } = spawnSync('ps', ['axww', '-o', 'args'], { encoding: 'latin1' })
    const texts = [
      ...everything.map((path) => [path, readFileSync(path, 'latin1')]),
      ['the output', journey.opened.output()],
      ['the list of processes', processes],
    ]
    for (const [encoding, text] of encodingsOf('developer', password)) {
      const found = texts.filter(([, content]) => content?.includes(text)).map(([name]) => name)
      expect(found, encoding).toEqual([])
    }
  })
})

/** What a shell calls when it runs a command; anything but one line is refused, and so is what it would do besides. */
function wordsOf(command: string): string[] {
  expect(command).not.toMatch(/[\n\r\u2028\u2029]/)
  expect(visibleText(command), 'nothing hidden').toBe(command)
  const folder = temporaryFolder('shell')
  try {
    writeFileSync(folder.join('docker'), '#!/bin/sh\nprintf "%s\\0" docker "$@"\n', { mode: 0o755 })
    const env = { PATH: `${folder.path}:/usr/bin:/bin` }
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
      cwd: folder.path,
      env,
      encoding: 'utf8',
    })
    expect([stderr, readdirSync(folder.path)]).toEqual(['', ['docker']])
    return stdout.split('\0').slice(0, -1)
  } finally {
    folder.remove()
  }
}
