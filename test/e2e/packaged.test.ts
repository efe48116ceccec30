// What `npm run package` makes: held to its fuses, its content and its main job.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import Sqlite from 'libsql'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bridge, CallInput, CallName, CallOutput } from '@shared/contract'
import { startLab } from '../lab/lab'
import { buildMachineImage } from '../lab/machine-image'
import * as packaged from '../lab/packaged'
import type { Service } from '../lab/process'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { until } from '../lab/until'
import { startListener } from './journey/listener'
import { keptSecrets } from './journey/keychain'
import { accountOf } from './journey/set-up'
import { digestInStorage, tenant } from './stage'

const root = join(import.meta.dirname, '../..')
/** Every package in it: what the bundle leaves outside, and what that loads. A new one is looked at before it is put here. */
const packages = `
  @balena/dockerignore @grpc/grpc-js @grpc/grpc-js/node_modules/@grpc/proto-loader @grpc/proto-loader @js-sdsl/ordered-map
  @libsql/linux-x64-gnu @neon-rs/load @protobufjs/aspromise @protobufjs/base64 @protobufjs/codegen @protobufjs/eventemitter
  @protobufjs/fetch @protobufjs/float @protobufjs/path @protobufjs/pool @protobufjs/utf8 asn1 base64-js bcrypt-pbkdf bl buffer
  chownr debug detect-libc docker-modem dockerode end-of-stream fs-constants ieee754 inherits keytar libsql lodash.camelcase
  long mkdirp-classic ms once protobufjs pump readable-stream safe-buffer safer-buffer split-ca ssh2 string_decoder tar-fs
  tar-stream tweetnacl util-deprecate wrappy`
  .trim()
  .split(/\s+/)

describe.runIf(process.platform === 'linux')('the packaged program', () => {
  const setLab = () => startLab({ engine: {}, bearerRegistry: {}, keyring: {}, display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let program: packaged.Packaged
  let folder: TemporaryFolder
  const running: Service[] = []
  const start = async (options: Partial<packaged.StartOptions> = {}): Promise<Service> => {
    const { display, keyring, engine } = lab
    const userData = folder.join('user-data')
    const given = { display, keyring, engineHost: engine.host, userData, ...options }
    const service = await packaged.startPackaged(program, folder, given)
    running.push(service)
    return service
  }
  const ended = (service: Service) =>
    until('the end of the program', () => !service.running(), { explain: () => service.log(2000) })

  beforeAll(async () => {
    folder = temporaryFolder('packaged')
    ;[lab, program] = await Promise.all([setLab(), packaged.makePackage()])
    await buildMachineImage(lab.engine.host, 'shop-web:1.4.0', [100_000])
  })
  afterAll(async () => {
    await Promise.all(running.map((service) => service.stop()))
    await lab.stop()
    program.remove()
    folder.remove()
  })

  it('has its fuses flipped in the binary', async () => {
    const wire = await getCurrentFuseWire(program.executable)
    const on = '1'.charCodeAt(0)
    const states = Object.entries(FuseV1Options)
      .filter(([, index]) => typeof index === 'number')
      .map(([name, index]) => [name, wire[index as FuseV1Options]] as const)
    const missing = states.filter(([, state]) => state === undefined).map(([name]) => name)
    expect(missing).toEqual(program.missing)
    expect(missing.filter((name) => name !== 'GrantFileProtocolExtraPrivileges')).toEqual([])
    expect(states.filter(([, state]) => state === on).map(([name]) => name)).toEqual([
      'EnableCookieEncryption',
      'OnlyLoadAppFromAsar',
    ])
  })

  it('holds the files of the program, the packages that it loads, their licences, and nothing else', () => {
    const files = packaged.filesIn(program.asar)
    const built = readdirSync(join(root, 'out/app'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.map') && !entry.name.startsWith('.'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    const own = files.filter((file) => !file.startsWith('node_modules/'))
    expect(own).toEqual([...built, 'package.json', 'resources/icon.png'].sort())
    expect(program.packages).toEqual(packages.map((name) => `node_modules/${name}`))
    const strange = files.filter((file) => {
      const place = program.packages.find((name) => file.startsWith(`${name}/`))
      const isKnown = place !== undefined || own.includes(file)
      return (
        !isKnown ||
        !/\.(c?js|css|html|json|png|node|proto|woff2|svg)$|(^|\/)(LICEN[CS]E|license)[^/]*$/.test(file)
      )
    })
    expect(strange).toEqual([])
    expect(files.filter((file) => /(^|\/)(tests?|src\/.*\.ts|scripts?)\//.test(file))).toEqual([])
    for (const file of files.filter((name) => name.endsWith('.js') && name.startsWith('out/'))) {
      expect(packaged.textIn(program.asar, file), file).not.toContain('sourceMappingURL=data:')
    }
    expect(Object.keys(JSON.parse(packaged.textIn(program.asar, 'package.json')) as object).sort()).toEqual([
      'description',
      'license',
      'main',
      'name',
      'productName',
      'version',
    ])
    const beside = readdirSync(`${program.asar}.unpacked`, { recursive: true, withFileTypes: true })
    expect(
      beside
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['index.node', 'keytar.node'])
    expect(readdirSync(dirname(program.asar)).sort()).toEqual(['app.asar', 'app.asar.unpacked'])
    const licences = readFileSync(join(program.folder, 'LICENSES.packages.txt'), 'utf8')
    for (const name of ['vue', 'zod', 'naive-ui', 'libsql', 'dockerode', '@github/keytar']) {
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'))
    }
    const besides = readdirSync(program.folder)
    expect(besides.filter((name) => /^LICENSE/.test(name)).length).toBeGreaterThanOrEqual(3)
  })

  it('obeys no switch of a developer, opens no debugger, loads nothing from beside its archive, and runs once', async () => {
    const marks = folder.join('marks')
    mkdirSync(marks)
    const mark = (name: string): string =>
      `require('node:fs').writeFileSync(${JSON.stringify(join(marks, name))}, '')`
    const plant = (where: string, name: string): string => {
      mkdirSync(where, { recursive: true })
      writeFileSync(join(where, 'package.json'), '{ "name": "planted", "main": "planted.js" }')
      writeFileSync(join(where, 'planted.js'), mark(name))
      return where
    }
    const beside = plant(join(dirname(program.asar), 'app'), 'folder')
    const server = await startListener()
    const userData = folder.join('hostile')
    const service = await start({
      userData,
      env: {
        ELECTRON_RUN_AS_NODE: '1',
        NODE_OPTIONS: `--require=${join(plant(folder.join('required'), 'required'), 'planted.js')}`,
        ELECTRON_RENDERER_URL: `http://${server.host}/`,
        SLIPWAY_APP_DIR: plant(folder.join('other'), 'other'),
      },
      args: ['--inspect=0', '--inspect-brk=0', '--remote-debugging-port=0', '-e', mark('evaluated')],
    })
    // What is behind its window is loaded when the page was served.
    await service.ready(() => existsSync(join(userData, 'cache.db')), 60_000)
    expect(packaged.listeningPorts(service.pid)).toEqual([])
    await ended(await start({ userData }))
    expect(service.running()).toBe(true)
    // By this signal Node opens its debugger, where it has one; where it has none the signal ends it as any other does.
    process.kill(service.pid, 'SIGUSR1')
    process.kill(service.pid, 'SIGTERM')
    await ended(service)
    expect(service.log()).not.toMatch(/listening on ws:/i)
    expect(readdirSync(marks)).toEqual([])
    expect(server.arrived).toEqual([])
    rmSync(beside, { recursive: true })
    await server.stop()
  })

  it('does the main job, with database, keychain and engine reached out of the archive', async () => {
    await packaged.makeDrivable(program)
    const account = accountOf(lab.bearerRegistry, 'developer')
    const first = await start()
    const { browser, page } = await packaged.windowOf(first)
    expect(packaged.listeningPorts(first.pid), 'what the test before looks for is seen').toHaveLength(1)
    await page.getByTestId('welcome').waitFor()
    const { id } = await ask(page, 'registry:add', {
      ...{ name: 'Tenant images', host: lab.bearerRegistry.host, protocol: 'https', preset: 'other' },
      trust: { kind: 'pem', pem: lab.bearerRegistry.authority?.pem ?? '' },
      ...{ publicRole: { namespace: 'library' }, privateRole: { namespace: tenant } },
    })
    const { name: username, password } = account
    await ask(page, 'account:sign-in', { registryId: id, username, password, keep: 'keychain' })
    expect(await keptSecrets(lab.keyring)).toEqual([password])
    await page.getByTestId('nav-public').click()
    await page.getByTestId('catalog-card-library/nginx').first().click()
    await page.getByTestId('tag-row').filter({ hasText: 'latest' }).first().click()
    await page.getByTestId('image-page').waitFor()
    await page.getByTestId('nav-local').click()
    await page.getByTestId('row-shop-web:1.4.0').first().waitFor()
    const images = await ask(page, 'local-image:list', undefined)
    const image = images.images.find(({ references }) => references.includes('shop-web:1.4.0'))
    const target = { registryId: id, repository: `${tenant}/shop-web`, tag: '1.4.0' }
    const push = {
      kind: 'push',
      imageId: image?.id ?? '',
      source: 'shop-web:1.4.0',
      replaces: null,
      ...target,
    } as const
    await ask(page, 'job:enqueue', push)
    await page.getByTestId('nav-transfers').click()
    await page.locator('[data-testid^="transfer-"][data-state="succeeded"]').first().waitFor()
    expect(digestInStorage(lab.bearerRegistry, target.repository, target.tag)).toMatch(/^sha256:/)
    await page.evaluate(() => close())
    await ended(first)
    await browser.close()
    expect(existsSync(folder.join('user-data/cache.db.closed')), 'closed in order').toBe(true)
  })

  it('knows all of it at the next start, and finds a broken cache by the thread that looks through it', async () => {
    breakText(folder.join('user-data/cache.db'))
    const service = await start()
    const { browser, page } = await packaged.windowOf(service)
    await until('the broken cache put aside', () =>
      readdirSync(folder.join('user-data')).some((name) => name.startsWith('cache.db.broken-')),
    )
    const { registries } = await ask(page, 'registry:list', undefined)
    expect(registries.map(({ name, accounts }) => [name, accounts.length])).toEqual([['Tenant images', 1]])
    await page.getByTestId('nav-private').click()
    const names = ['order-service', 'shop-web']
    await until('the catalog, read with the account from the keychain', () =>
      page.evaluate((all) => all.every((name) => document.body.innerText.includes(name)), names),
    )
    await page.evaluate(() => close())
    await ended(service)
    await browser.close()
  })
})

/** A call of the contract, as a page of the window makes it; fails where it fails. */
async function ask<K extends CallName>(page: Page, name: K, input: CallInput<K>): Promise<CallOutput<K>> {
  const answer = await page.evaluate(
    ([name, input]) => (globalThis as unknown as { slipway: Bridge }).slipway.invoke(name as string, input),
    [name, input] as const,
  )
  if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(answer.error)}`)
  return answer.value as CallOutput<K>
}

/** Breaks a text inside a database file so that it opens as before, and takes the word away that it was closed in order. */
function breakText(file: string): void {
  const sqlite = new Sqlite(file)
  const broken = `CAST(X'ff${randomBytes(4).toString('hex')}' AS TEXT)`
  sqlite.exec(`UPDATE manifest SET media_type = ${broken} WHERE digest = (SELECT min(digest) FROM manifest)`)
  sqlite.close()
  rmSync(`${file}.closed`)
}
