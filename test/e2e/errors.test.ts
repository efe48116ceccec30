import { rmSync, symlinkSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Locator } from 'playwright-core'
import { newAccount } from '../lab/accounts'
import { buildImage } from '../lab/oci-image'
import { freePort } from '../lab/ports'
import { temporaryFolder } from '../lab/temporary'
import { until } from '../lab/until'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { keptSecrets } from './journey/keychain'
import { accountOf, addRegistry, call, signIn } from './journey/set-up'
import { compose, failure, goTo, push, reach, rowOf } from './journey/transfers'
import { images, setTrouble, type Trouble } from './journey/trouble'
import { digestInStorage, referencesAtEngine, tenant } from './stage'

const anyImage = (seed: string) => buildImage({ seed, format: 'docker', layers: [{ size: 2048 }] })

describe('what can go wrong, in words, and what helps', () => {
  let stage: Trouble
  let journey: Journey
  /** IDs of the registries that the first journeys add. */
  let main = ''
  let frail = ''
  let stopped: Locator

  const temporaryNames = async (): Promise<string[]> =>
    (await referencesAtEngine(stage.engine.host)).filter((name) => name.startsWith('127.'))
  const inStorage = (name: string, tag: string): string | null =>
    digestInStorage(stage.bearerRegistry, `${tenant}/${name}`, tag)
  const probe = async (step: string, state: string): Promise<string> => {
    const line = journey.page.locator(`[data-step="${step}"][data-state="${state}"]`)
    await line.waitFor()
    return line.innerText()
  }
  const askDelete = async (tag: string): Promise<void> => {
    await journey.page.locator(`[data-testid="tag-row"][data-tag="${tag}"]`).getByTestId('tag-menu').click()
    await journey.page.getByText('Delete…').click()
    await journey.at('delete-list').waitFor()
  }

  beforeAll(async () => {
    stage = await setTrouble()
    const { engine, keyring, display, userData } = stage
    journey = new Journey({ engineHost: engine.host, keyring, display, userData: userData.path, lang: 'en' })
    await journey.start()
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await stage.stop()
  })

  it('names a host that is not found, one that refuses, and a certificate that nobody vouches for', async () => {
    await journey.click('welcome-preset-other')
    await journey.fill('registry-name', 'Tenant images')
    await journey.fill('registry-host', 'no-such-registry.invalid')
    await journey.click('registry-test')
    expect(await probe('name', 'failed')).toContain('Could not find no-such-registry.invalid on the network')
    expect(await probe('tcp', 'skipped')).not.toContain('ms')

    const closed = `127.0.0.1:${await freePort()}`
    await journey.fill('registry-host', closed)
    await journey.click('registry-test')
    expect(await probe('tcp', 'failed')).toContain(`nothing answers at ${closed}`)

    await journey.fill('registry-host', stage.bearerRegistry.host)
    await journey.click('registry-test')
    expect(await probe('tls', 'failed')).toContain('authority that is not known here')
    await journey.click('look-certificate')
    await journey.see('certificate-chain')
    await journey.click('trust-certificate')
    await journey.click('registry-test')
    await probe('api', 'ok')
  })

  it('refuses a wrong password and keeps nothing of it; the right one goes to the keychain', async () => {
    await journey.click('registry-public')
    await journey.click('registry-private')
    await journey.fill('registry-tenant', tenant)
    await journey.fill('registry-username', 'developer')
    await journey.fill('registry-password', newAccount('developer').password)
    await journey.click('registry-save')
    await journey.page.locator('[data-testid="error-panel"][data-code="UNAUTHORIZED"]').waitFor()
    expect(await keptSecrets(stage.keyring)).toEqual([])

    const developer = accountOf(stage.bearerRegistry, 'developer')
    await journey.fill('registry-password', developer.password)
    await journey.click('registry-save')
    await journey.gone('registry-form')
    expect(await keptSecrets(stage.keyring)).toEqual([developer.password])
    const { registries } = await call(journey, 'registry:list', undefined)
    expect(registries).toHaveLength(1)
    main = registries[0]?.id ?? ''
  })

  it('shows that a registry which stops in mid-push is tried again', async () => {
    frail = (await addRegistry(journey, stage.frail, { name: 'Frail', tenant })).id
    stopped = await push(journey, { image: images.heavy, registryId: frail, name: 'heavy-app', tag: 'cut' })
    await until('the push sending a layer', () =>
      stage.frail.accessLog().some((line) => line.includes('POST /v2/727524/heavy-app/blobs/uploads/')),
    )
    await stage.frail.halt()
    await stopped.getByTestId('transfer-expand').click()
    await stopped.locator('[data-state="retrying"]').first().waitFor()
    // The engine tries for almost a minute; how that ends is looked at further below.
  })

  it('says that an account may not push, and with which it would go', async () => {
    await signIn(journey, main, accountOf(stage.bearerRegistry, 'reader'))
    const target = { image: images.small, registryId: main, name: 'forbidden', tag: '1.0' }
    const row = await push(journey, target)
    expect(await failure(row, 'DENIED')).toContain('reader')
    expect(inStorage('forbidden', '1.0')).toBeNull()

    await row.getByTestId('error-next-step').click()
    await journey.fill('registry-username', 'developer')
    await journey.fill('registry-password', accountOf(stage.bearerRegistry, 'developer').password)
    await journey.click('sign-in-submit')
    await journey.gone('sign-in')
    await row.getByTestId('error-retry').click()
    await reach(row, 'succeeded')
    expect(inStorage('forbidden', '1.0')).toMatch(/^sha256:/)
  })

  it('does not cover a tag that appeared after the plan, and asks', async () => {
    await compose(journey, { image: images.small, registryId: main, name: 'taken', tag: '1.0' })
    await journey.at('composer').getByText('New tag').waitFor()
    const other = anyImage('taken')
    stage.bearerRegistry.storage.put(`${tenant}/taken`, other, '1.0')
    await journey.click('composer-start')
    await journey.click('nav-transfers')
    const row = rowOf(journey, '/taken:1.0')
    await failure(row, 'TAG_EXISTS')
    expect(inStorage('taken', '1.0')).toBe(other.manifest.digest)

    await row.getByTestId('transfer-replace').click()
    await reach(row, 'succeeded')
    expect(inStorage('taken', '1.0')).not.toBe(other.manifest.digest)
  })

  it('says that deleting is switched off at a registry', async () => {
    const keeper = await addRegistry(journey, stage.keeper, { name: 'Keeper', tenant })
    const before = digestInStorage(stage.keeper, `${tenant}/iuap-web`, '1.0.0')
    await goTo(journey, 'private', keeper.id, `${tenant}/iuap-web`)
    await askDelete('1.0.0')
    await journey.click('delete-confirm')
    await journey.gone('delete-dialog')
    await journey.click('nav-transfers')
    const text = await failure(rowOf(journey, '/iuap-web:1.0.0'), 'DELETE_DISABLED')
    expect(text).toContain(`Deleting is switched off on ${stage.keeper.host}`)
    expect(digestInStorage(stage.keeper, `${tenant}/iuap-web`, '1.0.0')).toBe(before)
  })

  it('lists the tags that share a digest before one is deleted: only this one, or all', async () => {
    stage.bearerRegistry.storage.put(`${tenant}/siblings`, anyImage('siblings'), 'a', 'b', 'c')
    stage.bearerRegistry.storage.put(`${tenant}/siblings`, anyImage('other'), 'other')
    await goTo(journey, 'private', main, `${tenant}/siblings`)
    await askDelete('a')
    expect(await journey.at('delete-list').locator('li').count()).toBe(1)
    await journey.click('delete-extent-manifest')
    expect(await journey.at('delete-list').locator('li').allInnerTexts()).toHaveLength(3)
    await journey.click('delete-extent-tag')
    await journey.click('delete-confirm')
    await journey.gone('delete-dialog')
    await journey.page.locator('[data-testid="tag-row"][data-tag="a"]').waitFor({ state: 'detached' })
    expect(['a', 'b', 'c', 'other'].map((tag) => inStorage('siblings', tag) !== null)).toEqual([
      ...[false, true, true, true],
    ])

    await askDelete('b')
    await journey.click('delete-extent-manifest')
    expect(await journey.at('delete-list').innerText()).toMatch(/siblings:b\s[^]*siblings:c/)
    await journey.click('delete-confirm')
    await journey.gone('delete-dialog')
    await journey.page.locator('[data-testid="tag-row"][data-tag="c"]').waitFor({ state: 'detached' })
    expect(['b', 'c', 'other'].map((tag) => inStorage('siblings', tag) !== null)).toEqual([
      ...[false, false, true],
    ])
  })

  it('lists by name where the registry refuses to list', async () => {
    const blind = await addRegistry(journey, stage.bearerRegistry, {
      ...{
        name: 'Blind',
        host: stage.proxy.address,
        tenant,
        account: accountOf(stage.bearerRegistry, 'blind'),
      },
    })
    await goTo(journey, 'private', blind.id)
    await journey.click('add-repository')
    await journey.fill('repository-name', `${tenant}/no-such-image`)
    await journey.click('repository-add')
    await journey.page.locator('[data-testid="error-panel"][data-code="NAME_UNKNOWN"]').waitFor()
    await journey.fill('repository-name', `${tenant}/order-service`)
    await journey.click('repository-add')
    await journey.see(`row-${tenant}/order-service`)
    await goTo(journey, 'private', blind.id, `${tenant}/order-service`)
    await journey.at('tag-row').filter({ hasText: '1.0.0' }).waitFor()
  })

  it('says that a locked keychain still has a password, and has it forgotten once it is unlocked', async () => {
    const { name, password } = accountOf(stage.bearerRegistry, 'reader')
    await signIn(journey, main, { name, password })
    expect(await keptSecrets(stage.keyring)).toContain(password)
    await journey.page.evaluate(() => void (location.hash = '#/settings/registries'))
    await stage.keyring.lock()
    await journey.at('account').filter({ hasText: name }).getByTestId('sign-out').click()
    await journey.page.locator('.n-popconfirm').getByText('Sign out', { exact: true }).click()
    await journey.see('unforgotten')
    expect(await journey.at('account').filter({ hasText: name }).count()).toBe(0)
    await journey.click('forget-left')
    const notice = journey.at('unforgotten')
    await notice.locator('[data-testid="error-panel"][data-code="KEYCHAIN_LOCKED"]').waitFor()
    await stage.keyring.unlock()
    await notice.getByTestId('error-next-step').click()
    await journey.gone('unforgotten')
    expect(await keptSecrets(stage.keyring)).not.toContain(password)
  })

  it('works without a keychain for this session only, and finds an engine that comes later', async () => {
    const folder = temporaryFolder('bare')
    const socket = folder.join('docker.sock')
    const bare = new Journey({
      ...{ display: stage.display, userData: folder.join('user-data'), lang: 'en' },
      env: { XDG_RUNTIME_DIR: folder.path },
    })
    try {
      await bare.start()
      const added = await addRegistry(bare, stage.bearerRegistry, { name: 'Tenant images', tenant })
      await goTo(bare, 'private', added.id)
      await bare.click('empty-sign-in')
      await bare.see('no-keychain')
      await bare.fill('registry-username', 'developer')
      await bare.fill('registry-password', accountOf(stage.bearerRegistry, 'developer').password)
      await bare.click('sign-in-submit')
      await bare.page.locator('[data-testid="error-panel"][data-code="KEYCHAIN_UNAVAILABLE"]').waitFor()
      await bare.at('sign-in').getByTestId('error-next-step').click()
      await bare.gone('sign-in')
      await bare.see(`row-${tenant}/order-service`)

      await bare.click('nav-local')
      const status = bare.at('engine-status')
      await status.and(bare.page.locator('[data-state="missing"],[data-state="connected"]')).waitFor()
      // A machine with an engine of its own has none missing.
      if ((await status.getAttribute('data-state')) === 'missing') {
        await bare.page.locator('[data-testid="engine-notice"][data-engine="missing"]').waitFor()
        symlinkSync(stage.engine.socket, socket)
        await status.and(bare.page.locator('[data-state="connected"]')).waitFor()
        await bare.see(`row-${images.small}`)
        const target = { image: images.small, registryId: added.id, name: 'session-only', tag: '1.0' }
        await reach(await push(bare, target), 'succeeded')
        expect(inStorage('session-only', '1.0')).toMatch(/^sha256:/)
        rmSync(socket)
      }
      await bare.start()
      const { registries } = await call(bare, 'registry:list', undefined)
      expect(registries[0]?.accounts[0]?.kept).toBe('missing')
      await goTo(bare, 'private', added.id)
      await bare.page.locator('[data-testid="registry-status"][data-state="sign-in-needed"]').waitFor()
    } finally {
      await bare.close()
      folder.remove()
    }
  })

  it('fails the push in words when the registry stays away, and Retry goes on when it is back', async () => {
    await journey.click('nav-transfers')
    const text = await failure(stopped, 'ENGINE_UNREACHABLE_REGISTRY', 90_000)
    expect(text).toContain(stage.frail.host)
    expect(await temporaryNames()).toEqual([])
    await stage.frail.start()
    await stopped.getByTestId('error-next-step').click()
    await reach(stopped, 'succeeded')
    expect(digestInStorage(stage.frail, `${tenant}/heavy-app`, 'cut')).toMatch(/^sha256:/)
    expect(await temporaryNames()).toEqual([])
  })
})
