// Long because one tour with every secret in hand is made once, and all that is left of it looked through together.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Job, type JobRequest, isEnded } from '@shared/job'
import type { RegistryDraft } from '@shared/registry'
import { startLab } from '../lab/lab'
import { importImage } from '../lab/machine-image'
import { helloImage } from '../lab/hello-image'
import { buildImage, type Image } from '../lab/oci-image'
import { type Registry, startRegistry } from '../lab/registry'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { until } from '../lab/until'
import { plainLayer, writeDockerSave } from './journey/archive-files'
import { type Canary, canaryOf, formsOf, newCanary, Search } from './journey/canaries'
import {
  addVariable,
  deploy,
  detailOf,
  inState,
  jobOf,
  openDeployment,
  openForm,
  succeeds,
  upgradeTo,
} from './journey/deployments'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { keptFiles } from './journey/kept-files'
import { keptSecrets } from './journey/keychain'
import { heapOf } from './journey/heap'
import { keptByWindow, type Message, messages, watchProcesses, writePrelude } from './journey/ledger'
import { type Recorder, startRecorder, startSocketRecorder, type Sent } from './journey/recorder'
import { ask, call, signIn } from './journey/set-up'
import { goTo } from './journey/transfers'
import { tenant } from './stage'

const password = newCanary('password')
const wrong = newCanary('wrong password')
const session = newCanary('password for the session')
const adopted = newCanary('password of docker')
const variable = newCanary('secret variable', '"$ä+/')
const proxied = newCanary('password of the proxy', 'p_')
const pasted = newCanary('password in an address', 'p_')
const small = (seed: string): Image => buildImage({ seed, format: 'docker', layers: [{ size: 2048 }] })
const typed = [password, wrong, session, adopted, variable, proxied, pasted]

describe('the search for secrets', () => {
  it('finds a canary in every encoding, wherever it stands, and within what is compressed', () => {
    const folder = temporaryFolder('canaries')
    const canary = newCanary('planted')
    const search = new Search([newCanary('another'), canary])
    const written: Buffer[] = formsOf(canary.core).map(([, bytes]) => bytes)
    const pair = `somebody:${canary.value}`
    for (const text of [canary.value, pair, `a${pair}`, JSON.stringify({ a: pair }), `ab${pair}`]) {
      const bytes = Buffer.from(text)
      written.push(bytes, Buffer.from(text, 'utf16le'))
      written.push(Buffer.from(JSON.stringify(text)), Buffer.from(encodeURIComponent(text)))
      written.push(Buffer.from(new URLSearchParams({ text }).toString()))
      for (const encoding of ['base64', 'base64url', 'hex'] as const)
        written.push(Buffer.from(bytes.toString(encoding)))
      written.push(Buffer.from(Buffer.from(bytes.toString('base64')).toString('base64')))
    }
    const clear = Buffer.from(`${randomBytes(50).toString('hex')} ${canary.value}`)
    const zstd = spawnSync('zstd', ['-qc'], { input: clear }).stdout
    written.push(gzipSync(clear), deflateSync(clear), deflateRawSync(clear), brotliCompressSync(clear), zstd)
    written.push(Buffer.concat([randomBytes(1000), gzipSync(clear), randomBytes(1000)]))
    written.forEach((bytes, index) => {
      const before = index % 7 === 0 ? Buffer.alloc(0) : Buffer.from('\0'.repeat(index % 7))
      const isWhole = index >= written.length - 6
      writeFileSync(folder.join(`file-${index}`), isWhole ? bytes : Buffer.concat([before, bytes]))
    })
    for (const index of written.keys()) {
      const found = search.inFiles(
        [folder.path],
        keptFiles(folder.path).filter((path) => !path.endsWith(`-${index}`)),
      )
      expect(found.join(), `file ${index}`).toContain('planted')
    }
    writeFileSync(folder.join(`a-${canary.core}`), '')
    expect(
      search.inFiles(
        [folder.path],
        written.map((_, index) => folder.join(`file-${index}`)),
      ),
    ).toHaveLength(1)
    folder.remove()
  })
})

describe('every secret', () => {
  const setLab = () => startLab({ engine: {}, keyring: {}, display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let bearer: Registry
  let basic: Registry
  let folder: TemporaryFolder
  let journey: Journey
  let engine: Awaited<ReturnType<typeof startSocketRecorder>>
  const at = {} as Record<'bearer' | 'token' | 'basic' | 'stranger' | 'proxy', Recorder>
  let ids: { bearer: string; basic: string }
  let processes: ReturnType<typeof watchProcesses>
  let identity: Canary
  let outputs = ''
  /** Every token that was given out, to the program and to the engine. */
  const tokens = new Map<string, Canary>()
  const program = (): string[] => ['user-data', 'home', 'tmp', 'docker'].map((name) => folder.join(name))
  const all = (): Canary[] => [...typed, identity, ...tokens.values()]
  const dockerFile = (): string => folder.join('docker/config.json')

  const begin = async (): Promise<void> => {
    await journey.start()
    processes = watchProcesses(journey.app.process().pid ?? 0)
  }
  const end = async (how: 'close' | 'kill'): Promise<void> => {
    processes.stop()
    const { opened } = journey
    await journey[how]()
    outputs += opened.output()
  }
  const type = async (testId: string, text: string): Promise<void> => {
    const field = journey.at(testId).first()
    await (
      testId.startsWith('environment') ? field : field.locator('xpath=descendant-or-self::input')
    ).click()
    await journey.page.keyboard.insertText(text)
  }
  const jobEnds = async (wanted: JobRequest): Promise<Job> => {
    const { id } = await call(journey, 'job:enqueue', wanted)
    return until(
      `the end of a ${wanted.kind}`,
      async () =>
        (await call(journey, 'job:list', undefined)).find((one) => one.id === id && isEnded(one.state)),
      { timeout: 60_000, interval: 100 },
    )
  }
  const done = async (wanted: JobRequest): Promise<Job> => {
    const job = await jobEnds(wanted)
    expect(job.state, JSON.stringify(job.error)).toBe('succeeded')
    return job
  }
  const openSignIn = async (id: string): Promise<void> => {
    await journey.click('nav-public')
    await goTo(journey, 'private', id)
    await journey.click('empty-sign-in')
    await journey.see('sign-in')
  }
  /** Resolves once the window holds nothing of what was typed into it: a timer of a form that is gone may run for a moment. */
  const letGo = async (...canaries: Canary[]): Promise<void> => {
    let held: string[] = []
    const nothingHeld = async (): Promise<boolean> => {
      const heap = await heapOf(journey)
      const ways = canaries
        .filter(({ core }) => heap.texts.includes(core))
        .map(({ core }) => heap.wayTo(core))
      held = [...new Search(canaries).in(heap.texts), ...ways.map((way) => `held by ${way}`)]
      return held.length === 0
    }
    await until('what was typed is let go', nothingHeld, { interval: 500, explain: () => held.join('\n') })
  }

  /** Says everything back that it was sent, in several forms. */
  const echo = ({ headers }: Sent): string => {
    const sent = String(headers.authorization ?? headers['proxy-authorization'] ?? '')
    const bare = sent.replace(/^\S+ /, '')
    const clear = Buffer.from(bare, 'base64').toString()
    const word = clear.slice(clear.indexOf(':') + 1)
    const forms = [
      sent,
      bare,
      encodeURIComponent(sent),
      Buffer.from(bare).toString('base64'),
      Buffer.from(bare).toString('hex'),
    ]
    const basicForms = [
      clear,
      word,
      encodeURIComponent(word),
      Buffer.from(word).toString('base64'),
      JSON.stringify({ word }),
    ]
    return [...forms, ...(sent.startsWith('Basic') ? basicForms : [])].join(' and ')
  }
  beforeAll(async () => {
    folder = temporaryFolder('secrets')
    for (const name of ['user-data', 'home', 'tmp', 'docker', 'bin']) mkdirSync(folder.join(name))
    ;[lab, bearer, basic] = await Promise.all([
      setLab(),
      startRegistry({
        name: 'bearer',
        auth: 'bearer',
        users: [{ name: 'developer', password: password.value }, 'reader'],
      }),
      startRegistry({
        ...{ name: 'basic', auth: 'basic' },
        users: [
          { name: 'developer', password: session.value },
          { name: 'docker-user', password: adopted.value },
        ],
      }),
    ])
    const realm = new URL(bearer.tokens?.realm ?? '')
    const note = (body: unknown): void => {
      const { access_token: token } = body as { access_token?: string }
      if (token) tokens.set(token, { ...canaryOf('token', token), core: token.slice(-40) })
    }
    at.token = await startRecorder({ to: realm.host, onAnswer: note })
    at.bearer = await startRecorder({
      to: bearer.host,
      rewrite: (text) => text.replace(realm.origin, `http://${at.token.host}`),
    })
    at.basic = await startRecorder({ to: basic.host })
    at.stranger = await startRecorder({ listen: '127.0.0.2' })
    at.proxy = await startRecorder()
    engine = await startSocketRecorder(folder.join('e.sock'), lab.engine.socket)
    for (const { storage } of [basic, bearer]) {
      for (const name of ['copied', 'said', 'heard']) storage.put(`${tenant}/${name}`, small(name), '1.0')
    }
    // What the other registry has nowhere: else it may be mounted there, and this one not asked for it.
    basic.storage.put(`${tenant}/away`, small('away'), '1.0')
    const before = [
      'echo "the token is $API_TOKEN"',
      '[ -e /tmp/started ] && { echo "dying of $API_TOKEN"; exit 3; }',
      'busybox touch /tmp/started',
    ]
    bearer.storage.put(`${tenant}/app`, helloImage('1.0', { before }), '1.0')
    bearer.storage.put(`${tenant}/app`, helloImage('2.0', { before }), '2.0')
    await importImage(lab.engine.host, 'canary-app:1')
    writePrelude(folder.join('prelude.cjs'), folder.join('messages'))
    identity = canaryOf('identity token', await identityToken(realm.href, password.value))
    const address = `http://proxy-user:${proxied.value}@${at.proxy.host}`
    const { keyring, display } = lab
    journey = new Journey({
      ...{ keyring, display, engineHost: engine.host, lang: 'en', size: { width: 1280, height: 800 } },
      ...{ userData: folder.join('user-data'), prelude: folder.join('prelude.cjs') },
      env: {
        ...{ HOME: folder.join('home'), TMPDIR: folder.join('tmp'), DOCKER_CONFIG: folder.join('docker') },
        ...{ XDG_CONFIG_HOME: folder.join('home/.config'), XDG_CACHE_HOME: folder.join('home/.cache') },
        ...{ XDG_DATA_HOME: folder.join('home/.local'), HTTPS_PROXY: address, HTTP_PROXY: address },
        ...{ SLIPWAY_STRICT: '1', PATH: `${folder.join('bin')}:${process.env.PATH}` },
      },
    })
    await begin()
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    processes?.stop()
    await journey?.close()
    await Promise.all([...Object.values(at), engine].map((one) => one?.stop()))
    await Promise.all([bearer?.stop(), basic?.stop(), lab?.stop()])
    folder?.remove()
  })

  it('is taken by the forms, where a wrong one and one in an address are refused', async () => {
    // A token service that says back what it was sent.
    at.token.misbehave = (sent, response) => {
      const header = Buffer.from(String(sent.headers.authorization ?? '').slice(6), 'base64').toString()
      if (!header.includes(wrong.core)) return false
      const body = JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: `not ${echo(sent)}` }] })
      response
        .writeHead(401, { 'content-type': 'application/json', warning: `299 - "${wrong.core}"` })
        .end(body)
      return true
    }
    await journey.click('welcome-preset-other')
    await type('registry-host', `https://somebody:${pasted.value}@${at.basic.host}/v2/`)
    await journey.click('registry-save')
    await journey.page.locator('[data-testid="registry-form"] .wrong').first().waitFor()
    expect((await call(journey, 'registry:list', undefined)).registries).toEqual([])

    await journey.fill('registry-host', at.basic.host)
    await journey.fill('registry-name', 'Basic')
    await journey.click('registry-http')
    await journey.click('registry-private')
    await journey.fill('registry-tenant', tenant)
    await type('registry-username', 'developer')
    await type('registry-password', session.value)
    await journey.click('session-only')
    await journey.click('registry-test')
    await journey.page
      .locator('[data-step="catalog"]:not([data-state="waiting"]):not([data-state="running"])')
      .waitFor()
    await journey.click('registry-save')
    await journey.gone('registry-form')
    const [first] = (await call(journey, 'registry:list', undefined)).registries
    const draft: RegistryDraft = {
      name: 'Bearer',
      host: at.bearer.host,
      protocol: 'http',
      preset: 'other',
      trust: { kind: 'system' },
      ...{ publicRole: { namespace: '' }, privateRole: { namespace: tenant } },
    }
    ids = { basic: first?.id ?? '', bearer: (await call(journey, 'registry:add', draft)).id }

    await openSignIn(ids.bearer)
    await type('registry-username', 'developer')
    await type('registry-password', wrong.value)
    await journey.click('sign-in-submit')
    await journey.page.locator('[data-testid="error-panel"][data-code="UNAUTHORIZED"]').waitFor()
    await type('registry-password', password.value)
    await journey.click('sign-in-submit')
    await journey.gone('sign-in')
    at.token.misbehave = null
    await journey.see(`row-${tenant}/app`)
    await letGo(password, wrong, session, pasted)
  })

  it('goes along with all work on registries', async () => {
    const repository = `${tenant}/pushed`
    const target = { registryId: ids.bearer, repository, replaces: null }
    const { images } = await until('the image of the engine', async () => {
      const list = await call(journey, 'local-image:list', undefined)
      return list.images.length > 0 && list
    })
    const imageId = images[0]?.id ?? ''
    const pushed = await done({ ...target, kind: 'push', imageId, source: 'canary-app:1', tag: 'engine' })
    await done({ ...target, kind: 'resumable-push', imageId, source: 'canary-app:1', tag: 'export' })
    const path = folder.join('saved.tar')
    const [digest = ''] = writeDockerSave(path, [
      { reference: 'saved:1', layers: [plainLayer('saved', 200_000)] },
    ])
    await done({ ...target, kind: 'archive-push', path, image: 0, digest, source: 'saved:1', tag: 'saved' })
    await done({ kind: 'pull', registryId: ids.bearer, repository, reference: 'engine', platform: null })
    const copy = (name: string): JobRequest => ({
      ...{
        kind: 'copy' as const,
        from: { registryId: ids.basic, repository: `${tenant}/${name}`, reference: '1.0' },
      },
      ...{
        digest: small(name).manifest.digest,
        removeSource: false,
      },
      ...{ registryId: ids.bearer, repository: `${tenant}/copied-${name}`, tag: '1.0', replaces: null },
    })
    await done(copy('copied'))
    const gone = { registryId: ids.bearer, repository, tag: 'engine', digest: pushed.result?.digest ?? '' }
    await done({ ...gone, kind: 'delete', siblings: [], extent: 'manifest' })
    await done({ ...gone, kind: 'restore', replaces: null })

    // A registry that leads elsewhere, with its content and with its lists.
    at.basic.misbehave = ({ method, path: asked }, response) => {
      if (method !== 'GET' || !/\/away\/(blobs|tags)/.test(asked)) return false
      const elsewhere = `http://${at.stranger.host}${asked}`
      const headers = {
        location: elsewhere,
        link: `<${elsewhere}>; rel="next"`,
        'content-type': 'application/json',
      }
      if (asked.includes('/tags')) response.writeHead(200, headers).end('{"tags":["1.0"]}')
      else response.writeHead(307, headers).end()
      return true
    }
    expect((await jobEnds(copy('away'))).state).toBe('failed')
    await call(journey, 'repository:read', {
      registryId: ids.basic,
      repository: `${tenant}/away`,
      refresh: 'force',
    })
    expect(at.stranger.received().toString()).toContain('GET')

    // Registries that say everything back: to the program, and to the engine, which passes it on.
    const says = ({ method, path: asked, headers }: Sent): boolean =>
      method === 'GET' &&
      headers.authorization !== undefined &&
      (/\/said/.test(asked) ||
        (/\/heard\/manifests/.test(asked) && /^docker/.test(headers['user-agent'] ?? '')))
    for (const one of [at.bearer, at.basic]) {
      one.misbehave = (sent, response) => {
        if (!says(sent)) return false
        const body = JSON.stringify({
          errors: [{ code: 'UNKNOWN', message: `sent ${echo(sent)}`, detail: echo(sent) }],
        })
        const warning = `299 - "${String(sent.headers.authorization)}"`
        // An engine passes on what a registry says with 403, and not with 500.
        const status = /^docker/.test(sent.headers['user-agent'] ?? '') ? 403 : 500
        response.writeHead(status, { 'content-type': 'application/json', warning }).end(body)
        return true
      }
    }
    const failed = [await jobEnds(copy('said'))]
    for (const registryId of [ids.bearer, ids.basic]) {
      const place = { registryId, repository: `${tenant}/heard`, platform: null }
      failed.push(await jobEnds({ ...place, kind: 'pull', reference: '1.0' }))
      await goTo(journey, 'private', registryId, `${tenant}/said-elsewhere`)
      await journey.page.locator('main [data-testid="error-panel"]').first().waitFor()
      await journey.click('error-details')
      await journey.page.locator('main .details').getByText('sent').first().waitFor()
      expect(new Search(all()).in(await journey.page.content())).toEqual([])
    }
    expect(failed.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed'])
    expect(failed[0]?.error?.detail).toContain('sent')
    for (const one of [at.bearer, at.basic]) one.misbehave = null
  })

  it('of docker’s own client is taken from it, and those of a proxy stay with the proxy', async () => {
    // One by a credential helper, which is asked on its standard input, and one that the file itself holds.
    writeFileSync(
      folder.join('login.json'),
      JSON.stringify({ Username: 'docker-user', Secret: adopted.value }),
    )
    const helper = `#!/bin/sh\ncat > ${folder.join('asked')}\ncat ${folder.join('login.json')}\n`
    writeFileSync(folder.join('bin/docker-credential-canary'), helper, { mode: 0o755 })
    const credHelpers = { [at.basic.host]: 'canary' }
    const auths = { [at.bearer.host]: { identitytoken: identity.value } }
    writeFileSync(dockerFile(), JSON.stringify({ auths, credHelpers }))
    for (const registryId of [ids.basic, ids.bearer])
      await call(journey, 'account:adopt-docker-login', { registryId, keep: 'keychain' })
    expect((await call(journey, 'account:docker-login', { registryId: ids.basic })).username).toBe(
      'docker-user',
    )
    for (const registryId of [ids.basic, ids.bearer]) {
      await goTo(journey, 'private', registryId)
      await journey.click('refresh')
      await journey.see(`row-${tenant}/copied`)
    }
    const pulled = { kind: 'pull', repository: `${tenant}/copied`, reference: '1.0', platform: null } as const
    await done({ ...pulled, registryId: ids.basic })

    at.proxy.misbehave = (sent, response) => {
      const body = JSON.stringify({ errors: [{ code: 'DENIED', message: `sent ${echo(sent)}` }] })
      response.writeHead(403, { 'content-type': 'application/json' }).end(body)
      return true
    }
    for (const protocol of ['http', 'https'] as const) {
      const draft: RegistryDraft = {
        name: protocol,
        host: `${protocol}.invalid`,
        protocol,
        preset: 'other',
        trust: { kind: 'system' },
        ...{ publicRole: { namespace: '' }, privateRole: null },
      }
      const { id } = await call(journey, 'registry:add', draft)
      const answer = await ask(journey, 'catalog:add-repository', { registryId: id, repository: 'a/b' })
      expect(answer).toMatchObject({ ok: false, error: { context: { host: draft.host } } })
      await call(journey, 'registry:probe', { probeId: protocol, id: null, draft, account: null })
      await call(journey, 'registry:remove', { id })
    }
    // As the tour began: the engine pulls with this account.
    await signIn(journey, ids.bearer, { name: 'developer', password: password.value })
  })

  it('of a deployment goes to its engine, and into no plan, file or history', async () => {
    await openForm(journey, ids.bearer, `${tenant}/app`, '1.0')
    await journey.fill('deploy-name', 'leaky')
    const row = await addVariable(journey, 'API_TOKEN', '')
    await row.getByTestId('environment-secret').click()
    await row.getByTestId('environment-value').click()
    await journey.page.keyboard.insertText(variable.value)
    for (const tab of ['command', 'compose', 'description']) {
      await journey.click(`tab-${tab}`)
      await journey.at(`deploy-${tab}`).locator('pre').waitFor()
    }
    await deploy(journey)
    await inState(journey, 'running')
    for (const tab of ['instances', 'settings', 'history', 'events']) await journey.click(`tab-${tab}`)
    await succeeds(journey, () => upgradeTo(journey, '2.0'))
    await inState(journey, 'running')
    const { summary, versions } = await detailOf(journey, 'leaky')
    const spec = versions.find(({ version }) => version === 1)?.spec
    if (!spec) throw new Error('no first version')
    await succeeds(journey, () =>
      call(journey, 'deployment:apply', {
        ...{ poolId: summary.poolId, id: summary.id, spec, secrets: {}, keep: 'keychain' },
        ...{ reason: 'rollback', baseVersion: summary.version },
      }),
    )
    await goTo(journey, 'private', ids.bearer)
    await letGo(password, wrong, session, variable, adopted, identity)

    // What an application says itself is shown where its words are shown, and kept nowhere.
    await openDeployment(journey, 'leaky')
    await journey.click('tab-logs')
    await journey.at('log-lines').getByText(variable.core).first().waitFor()
    await journey.click('tab-terminal')
    const screen = journey.at('terminal-screen')
    await screen.and(journey.page.locator('[data-status="open"]')).waitFor()
    await screen.locator('textarea').focus()
    await journey.page.keyboard.type('env\n')
    await screen.locator('.xterm-rows').getByText(variable.core.slice(0, 8)).first().waitFor()
    await journey.click('tab-settings')
    await succeeds(journey, () => journey.page.locator('[data-testid="deployment-stop"]:enabled').click())
    const last = await jobOf(journey, () =>
      journey.page.locator('[data-testid="deployment-start"]:enabled').click(),
    )
    // Which of both it is depends on the moment at which it is looked at.
    expect(last.state).toBe('failed')
    expect(['CONTAINER_EXITED', 'NOT_HEALTHY']).toContain(last.error?.code)
    expect(last.error?.detail).toContain('dying of')
  })

  it('is in no file, no output, no process, no message but its own, and on no other wire', async () => {
    const search = new Search(all())
    expect(tokens.size).toBeGreaterThan(10)
    expect(search.in(await keptByWindow(journey))).toEqual([])
    // While the database is open, its journal has what was written last.
    expect(existsSync(folder.join('user-data/cache.db-wal'))).toBe(true)
    expect(search.inFiles(program(), [dockerFile()])).toEqual([])
    const kept = await keptSecrets(lab.keyring)
    for (const { value } of [password, adopted, identity, variable]) expect(kept).toContain(value)
    for (const { core } of [wrong, session, proxied, pasted]) expect(kept.join()).not.toContain(core)
    await end('close')
    expect(search.inFiles(program(), [dockerFile()])).toEqual([])
    expect(keptFiles(folder.join('user-data')).length).toBeGreaterThan(10)
    expect(search.in(outputs)).toEqual([])
    // Not asked of the engine's own log: an engine writes there what a registry says back to it.

    // A proxy's account comes in the environment and is handed on there; nothing is an argument.
    const ours = [...processes.seen.values()]
    expect(ours.length).toBeGreaterThan(3)
    expect(named(ours.flatMap((text) => search.in(text))).filter((one) => one !== proxied.name)).toEqual([])
    expect(ours.flatMap((text) => search.in(text.slice(0, text.indexOf('\n'))))).toEqual([])
    expect(readFileSync(folder.join('asked'), 'utf8')).toBe(at.basic.host)

    const passed = messages(folder.join('messages'))
    expect(passed.length).toBeGreaterThan(300)
    expect(
      new Set(passed.flatMap((message) => search.in(message.text).map((one) => told(message, one)))),
    ).toEqual(
      new Set([
        `child process: ${proxied.name}`,
        `ask slipway:call account:sign-in: ${password.name}`,
        `ask slipway:call account:sign-in: ${wrong.name}`,
        `ask slipway:call account:sign-in: ${session.name}`,
        `ask slipway:call registry:probe: ${session.name}`,
        `ask slipway:call deployment:apply: ${variable.name}`,
        `event slipway:event:log:lines: ${variable.name}`,
        `event slipway:event:terminal:output: ${variable.name}`,
      ]),
    )
    const sent = (one: { received(): Buffer }): string[] => named(search.in(one.received()))
    expect(sent(at.token)).toEqual([identity.name, password.name, wrong.name].sort())
    expect(sent(at.bearer)).toEqual(['token'])
    expect(sent(at.basic)).toEqual([adopted.name, session.name].sort())
    expect(sent(at.proxy)).toEqual([proxied.name])
    expect(sent(at.stranger)).toEqual([])
    expect(sent(engine)).toEqual([adopted.name, password.name, session.name, variable.name].sort())
  })

  it('is left by no crash either', async () => {
    const search = new Search(all())
    // What the system keeps of a process that dies is the system's; what the program keeps would be here.
    for (const how of ['SIGSEGV', 'SIGKILL'] as const) {
      await begin()
      await signIn(journey, ids.bearer, { name: 'developer', password: password.value })
      await goTo(journey, 'private', ids.bearer)
      await journey.click('refresh')
      await journey.see(`row-${tenant}/copied`)
      const dumps = await journey.app.evaluate(({ app }) => app.getPath('crashDumps'))
      const copy: JobRequest = {
        ...{
          kind: 'copy' as const,
          from: { registryId: ids.bearer, repository: `${tenant}/app`, reference: '1.0' },
        },
        ...{ digest: bearerDigest('1.0'), removeSource: false, registryId: ids.bearer },
        ...{ repository: `${tenant}/${how.toLowerCase()}`, tag: '1.0', replaces: null },
      }
      await call(journey, 'job:enqueue', copy)
      const child = journey.app.process()
      const gone = new Promise((resolve) => child.once('exit', resolve))
      if (how === 'SIGSEGV') {
        // The window's process first, as a page that brings it down would.
        await journey.app.evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
        )
      }
      child.kill(how)
      await gone
      const { home } = journey.opened
      expect(keptFiles(home)).toEqual([])
      if (existsSync(dumps)) expect(keptFiles(dumps).filter((path) => /\.dmp|core/.test(path))).toEqual([])
      await end('kill')
      expect(search.inFiles(program(), [dockerFile()])).toEqual([])
      expect(search.in(outputs)).toEqual([])
    }
  })

  const bearerDigest = (tag: string): string =>
    readFileSync(
      `${bearer.storage.root}/docker/registry/v2/repositories/${tenant}/app/_manifests/tags/${tag}/current/link`,
      'utf8',
    ).trim()
})

/** The names of what was found, each once. */
const named = (found: readonly string[]): string[] =>
  [...new Set(found.map((one) => one.replace(/ \([^)]*\)$/, '')))].sort()

const told = ({ way, name }: Message, found: string): string =>
  `${way} ${way === 'child' ? 'process' : name}: ${named([found]).join()}`

/** A refresh token, as `docker login` gets one from a token service: distribution, "OAuth2 Token Authentication". */
async function identityToken(realm: string, word: string): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'password', service: 'bearer', client_id: 'docker' })
  form.set('username', 'developer')
  form.set('password', word)
  form.set('access_type', 'offline')
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request(realm, { method: 'POST', headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (piece: string) => (body += piece))
      answer.on('end', () => resolve(body))
    })
    asked.on('error', reject).end(form.toString())
  })
  return (JSON.parse(text) as { refresh_token: string }).refresh_token
}
