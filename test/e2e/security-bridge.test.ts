// Long because one start of the program serves every point.
/** The one bridge between the page and the program, tried from the page's side. */
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { calls, events, type Bridge, type Result } from '@shared/contract'
import { startLab } from '../lab/lab'
import { root } from '../lab/launch/place.mjs'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { noteLinks } from './journey/opened-links'
import { ask } from './journey/set-up'

/** The nouns of the contract: a new one is looked at before it is put here. */
const nouns = {
  calls: `account app archive catalog clipboard copy delete deleted deployment engine image job local-image log place pool push
    registry repository search settings terminal`,
  events: `catalog deployment engine image job local-image log place pool probe registry repository settings terminal`,
}
const words = (text: string): string[] => text.trim().split(/\s+/)
const nounsOf = (names: string[]): string[] =>
  [...new Set(names.map((name) => name.split(':')[0] ?? ''))].sort()

/** What no call takes, of many kinds. Without a field of its own, an object may pass where every field is optional. */
const garbage: Record<string, unknown> = {
  ...{ nothing: null, number: 7, infinity: Infinity, text: 'x', truth: true },
  ...{ list: [[], [{}]], date: new Date(0), map: new Map([['id', 'x']]), bytes: new Uint8Array(16) },
}

/** An object that has every field of a call's input, each of a kind that it cannot be. */
function wrongFields(schema: unknown): unknown {
  const shape = typeof schema === 'object' && schema !== null && 'shape' in schema ? schema.shape : {}
  return Object.fromEntries(Object.keys(shape as object).map((name) => [name, { toString: 'x' }]))
}

type Internals = {
  ipcMain: {
    _invokeHandlers: Map<string, (event: object, name: string, input: unknown) => Promise<Result<unknown>>>
  }
}

describe('the bridge of the built program, tried from the page', () => {
  const setLab = () => startLab({ display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let userData: TemporaryFolder
  let journey: Journey
  let opened: () => Promise<string[]>

  beforeAll(async () => {
    lab = await setLab()
    userData = temporaryFolder('user-data')
    journey = new Journey({ display: lab.display, userData: userData.path, lang: 'en' })
    await journey.start({ env: { ELECTRON_ENABLE_LOGGING: '0' } })
    opened = await noteLinks(journey)
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await lab.stop()
    userData.remove()
  })

  it('gives the page nothing of Node or Electron, and a bridge of three functions that lead to nothing else', async () => {
    const found = await journey.page.evaluate(() => {
      const names = [
        'require',
        'process',
        'Buffer',
        'module',
        'global',
        'electron',
        '__dirname',
        'ipcRenderer',
      ]
      const { slipway } = globalThis as unknown as { slipway: Bridge }
      const release = slipway.on('settings:changed', () => {})
      const members = (value: object): string[] => Object.getOwnPropertyNames(value).sort()
      const plain = Object.getOwnPropertyNames(() => {}).sort()
      return {
        node: names.filter((name) => name in globalThis),
        own: Object.keys(globalThis).filter((name) => /slipway|electron|ipc|remote/i.test(name)),
        bridge: members(slipway),
        kinds: Object.values(slipway).map((member) => typeof member),
        more: [slipway.invoke, slipway.on, slipway.pathOf].flatMap((member) =>
          members(member).filter((name) => ![...plain, 'prototype', 'arguments', 'caller'].includes(name)),
        ),
        released: [release() as unknown, release() as unknown],
        fixed: Object.isFrozen(slipway) && !Reflect.set(slipway, 'invoke', 1),
      }
    })
    expect(found).toEqual({
      ...{ node: [], own: ['slipway'], bridge: ['invoke', 'on', 'pathOf'] },
      ...{ kinds: ['function', 'function', 'function'], more: [], released: [undefined, undefined] },
      fixed: true,
    })
    expect(nounsOf(Object.keys(calls))).toEqual(words(nouns.calls))
    expect(nounsOf(Object.keys(events))).toEqual(words(nouns.events))
  })

  it('knows no path of what is not a file', async () => {
    const paths = await journey.page.evaluate(() => {
      const { slipway } = globalThis as unknown as { slipway: Bridge }
      const values = [
        null,
        undefined,
        7,
        'x',
        {},
        [],
        new Blob(['x']),
        new File(['x'], '/etc/passwd'),
        document.body,
      ]
      return [...values, { path: '/etc/passwd' }, { name: '/etc/passwd' }].map((value) => {
        try {
          return slipway.pathOf(value)
        } catch {
          return 'refused'
        }
      })
    })
    expect(paths.filter((path) => path !== '' && path !== 'refused')).toEqual([])
  })

  it('answers calls that nobody declared with INPUT_INVALID', async () => {
    const undeclared = [
      'no:such',
      '__proto__',
      'constructor',
      'toString',
      '',
      'slipway:call',
      7,
      null,
      {},
      ['app:info'],
    ]
    for (const name of undeclared) {
      const answer = await ask(journey, name as string, undefined)
      expect(answer, String(name)).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } })
    }
  })

  it('answers INPUT_INVALID to every call with garbage, of up to ten kinds each, and lives', async () => {
    const tries = Object.entries(calls).flatMap(([name, { input }]) =>
      Object.entries({ ...garbage, fields: wrongFields(input) })
        .filter(([, value]) => !input.safeParse(value).success)
        .map(([kind, value]) => ({ name, kind, value })),
    )
    for (const name of Object.keys(calls)) {
      expect(tries.filter((one) => one.name === name).length, name).toBeGreaterThanOrEqual(7)
    }
    const answers = await journey.page.evaluate(
      (all) =>
        Promise.all(
          all.map(async ({ name, kind, value }) => {
            const answer = await (globalThis as unknown as { slipway: Bridge }).slipway.invoke(name, value)
            return `${name} ${kind}: ${answer.ok ? 'ok' : answer.error.code}`
          }),
        ),
      tries,
    )
    expect(answers.filter((answer) => !answer.endsWith(': INPUT_INVALID'))).toEqual([])
    expect(answers.length).toBeGreaterThan(7 * Object.keys(calls).length)
  })

  it('says which field is wrong, in few words, and never its value', async () => {
    const secret = randomBytes(12).toString('base64')
    const bad: [string, unknown][] = [
      ['registry:add', { name: 'x' }],
      ['registry:change', { id: '', draft: null }],
      ['catalog:add-repository', { registryId: 'x', repository: '../../etc/passwd' }],
      ['job:enqueue', { kind: 'shell', command: 'true' }],
      ['settings:change', { theme: 'pink' }],
      ['account:sign-in', { registryId: 'x', username: 'a', password: secret, keep: 'file' }],
    ]
    for (const [name, input] of bad) {
      const answer = await ask(journey, name, input)
      expect(answer, name).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } })
      expect(JSON.stringify(answer), name).not.toContain(secret)
    }
  })

  it('refuses what is far too large or too deep in little time and few words', async () => {
    const answers = await journey.page.evaluate(async () => {
      const { slipway } = globalThis as unknown as { slipway: Bridge }
      const large = 'x'.repeat(1e7)
      let deep: unknown = 'x'
      for (let depth = 0; depth < 200; depth += 1) deep = { spec: deep }
      const tries: [string, unknown][] = [
        ['clipboard:write', { text: large.repeat(10) }],
        ['archive:open', { path: large }],
        ['app:open-external', { url: `https://a.example/${large}` }],
        ['deployment:apply', { secrets: { [large]: 7 } }],
        ['settings:change', { [large]: 7, theme: large }],
        ['deployment:plan', deep],
        [large, null],
      ]
      const said: [string, number][] = []
      for (const [name, input] of tries) {
        const answer = await slipway.invoke(name, input)
        said.push([answer.ok ? 'ok' : answer.error.code, JSON.stringify(answer).length])
      }
      return said
    })
    expect(answers.map(([code]) => code)).toEqual(Array(7).fill('INPUT_INVALID'))
    expect(answers.filter(([, length]) => length > 2000)).toEqual([])
  })

  it('lets no prototype be changed through it', async () => {
    await journey.page.evaluate(async () => {
      const { slipway } = globalThis as unknown as { slipway: Bridge }
      const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"theme":"dark"}'
      for (const name of [
        'settings:change',
        'place:visit',
        'registry:add',
        'deployment:plan',
        'job:enqueue',
      ]) {
        await slipway.invoke(name, JSON.parse(text))
        await slipway.invoke(name, {
          spec: JSON.parse(text),
          place: JSON.parse(text),
          secrets: JSON.parse(text),
        })
      }
    })
    const isPolluted = (): boolean => 'polluted' in {} || 'polluted' in Function.prototype
    expect(await journey.app.evaluate(isPolluted)).toBe(false)
    expect(await journey.page.evaluate(isPolluted)).toBe(false)
  })

  it('answers the main frame of its own window, and no frame in it, no other window and no other page', async () => {
    const preload = join(root, 'out/app/preload/preload.cjs')
    const other = await journey.app.evaluate(async ({ BrowserWindow }, file) => {
      const window = new BrowserWindow({ show: false, webPreferences: { preload: file, sandbox: true } })
      await window.loadURL('slipway://app/index.html')
      const answer = (await window.webContents.executeJavaScript(
        `slipway.invoke('app:info')`,
      )) as Result<unknown>
      window.destroy()
      return answer
    }, preload)
    expect(other).toMatchObject({ ok: false, error: { code: 'DENIED' } })
    const bridges = await journey.page.evaluate(async () => {
      const frames = ['about:blank', 'slipway://app/index.html', 'data:text/html,x'].map((src) =>
        Object.assign(document.createElement('iframe'), { src }),
      )
      const inner = Object.assign(document.createElement('iframe'), { srcdoc: '<p>x' })
      document.body.append(...frames, inner)
      await new Promise((done) => (inner.onload = done))
      return [...frames, inner].map((frame) => {
        try {
          return frame.contentWindow !== null && 'slipway' in frame.contentWindow
        } catch {
          return false // Of another origin.
        }
      })
    })
    expect(bridges).toEqual([false, false, false, false])
    // A frame has no bridge to call with. So the call is made for it, as if it had found a way.
    const answers = await journey.app.evaluate(async ({ ipcMain, webContents }) => {
      const call = (ipcMain as unknown as Internals['ipcMain'])._invokeHandlers.get('slipway:call')
      const [sender] = webContents.getAllWebContents()
      const frames = sender?.mainFrame.framesInSubtree ?? []
      return Promise.all(
        frames.map(
          async (senderFrame) => (await call?.({ sender, senderFrame }, 'settings:read', undefined))?.ok,
        ),
      )
    })
    expect(answers.slice(0, 1)).toEqual([true])
    expect(answers.length).toBeGreaterThan(1)
    expect(answers.slice(1).filter((isOk) => isOk !== false)).toEqual([])
    await journey.page.evaluate(() => document.querySelectorAll('iframe').forEach((frame) => frame.remove()))
  })

  it('opens http and https in the browser, as it has understood them, and nothing else', async () => {
    const refused = [
      ...[
        'file:///etc/passwd',
        'javascript:1',
        'vscode://x',
        'not an address',
        '//a.example',
        'https:',
        'http://',
      ],
      ...['https://user:secret@a.example/', 'https://user@a.example/', 'ms-settings:x', 'data:text/html,x'],
      ...[
        'https://a b.example/',
        'https://a\u0000.example/',
        'https://[::1',
        'smb://a.example',
        '\u202ehttps://a',
      ],
      ...['slipway://app/', `https://a.example/${'x'.repeat(4096)}`, `https://a.example/${'é'.repeat(2000)}`],
    ]
    for (const url of refused) {
      const answer = await ask(journey, 'app:open-external', { url })
      expect(answer, url.slice(0, 50)).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } })
    }
    const understood: [string, string][] = [
      ['https://a.example/b?c#d', 'https://a.example/b?c#d'],
      ['https:\\\\a.example\\x', 'https://a.example/x'],
      ['  HTTPS://A.Example/ ', 'https://a.example/'],
      ['ht\ntps://a.example/\t--x', 'https://a.example/--x'],
      ['https://a.example/";calc & $(x)', 'https://a.example/%22;calc%20&%20$(x)'],
      ['https://аpple.example/', 'https://xn--pple-43d.example/'],
      ['https://a.example/\u202egpj.exe', 'https://a.example/%E2%80%AEgpj.exe'],
    ]
    for (const [url] of understood)
      expect(await ask(journey, 'app:open-external', { url })).toMatchObject({ ok: true })
    expect(await opened()).toEqual(understood.map(([, url]) => url))
  })

  it('caught every error of this: nothing reached the end of the program', async () => {
    expect(await ask(journey, 'app:info', undefined)).toMatchObject({ ok: true })
    const log = userData.join('logs/slipway.log')
    expect(existsSync(log) ? readFileSync(log, 'utf8') : '').not.toMatch(
      /"uncaught"|"unhandled rejection"|"call failed"/,
    )
    expect(journey.opened.output()).not.toMatch(/UnhandledPromiseRejection|Uncaught Exception/)
  })
})
