// Long because one start of the program serves every point.
/** The page of the built program, and what it may not do; what the bridge may not is in security-bridge.test.ts. */
import { writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startLab } from '../lab/lab'
import { temporaryFolder, type TemporaryFolder } from '../lab/temporary'
import { until } from '../lab/until'
import { pictureFailure } from './journey/failure-picture'
import { Journey } from './journey/journey'
import { noteLinks } from './journey/opened-links'
import { startListener, type Listener } from './journey/listener'
import { accountOf, addRegistry } from './journey/set-up'
import { tenant } from './stage'

const script = '<img src=x onerror=globalThis.hacked=1><script>globalThis.hacked=1</script>'

describe('the built program, tried from outside', () => {
  const setLab = () => startLab({ bearerRegistry: {}, keyring: {}, display: {} })
  let lab: Awaited<ReturnType<typeof setLab>>
  let userData: TemporaryFolder
  let journey: Journey
  let opened: () => Promise<string[]>
  /** Listens where nothing of the window may ever arrive. */
  let server: Listener

  beforeAll(async () => {
    lab = await setLab()
    userData = temporaryFolder('user-data')
    server = await startListener()
    const { keyring, display, bearerRegistry } = lab
    journey = new Journey({ keyring, display, userData: userData.path, lang: 'en' })
    await journey.start({ size: { width: 1100, height: 700 } })
    const account = accountOf(bearerRegistry, 'developer')
    const roles = { name: 'Tenant images', library: 'library', tenant, account }
    await addRegistry(journey, bearerRegistry, roles)
    opened = await noteLinks(journey)
  })
  afterEach((context) => pictureFailure(context, journey))
  afterAll(async () => {
    await journey.close()
    await lab.stop()
    await server.stop()
    userData.remove()
  })

  it('is isolated, sandboxed, without Node, and has no preference that weakens it', async () => {
    const preferences = await journey.app.evaluate(({ webContents }) =>
      webContents
        .getAllWebContents()
        .map((contents) => contents as typeof contents & { getLastWebPreferences(): object })
        .map((contents) => ({ ...contents.getLastWebPreferences(), url: contents.getURL() })),
    )
    expect(preferences).toHaveLength(1)
    expect(preferences[0]).toMatchObject({
      ...{ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true },
      ...{ nodeIntegrationInSubFrames: false, webviewTag: false },
      ...{ allowRunningInsecureContent: false, experimentalFeatures: false, enableBlinkFeatures: '' },
    })
    expect(preferences[0]?.url).toMatch(/^slipway:\/\/app\//)
    const kinds = await journey.page.evaluate(() => ({
      secure: isSecureContext,
      shared: typeof SharedArrayBuffer,
      origin: location.origin,
    }))
    expect(kinds).toEqual({ secure: true, shared: 'undefined', origin: 'slipway://app' })
  })

  it('runs no script but its own files', async () => {
    const answers = await journey.app.evaluate(async ({ net }) =>
      Promise.all(
        ['index.html', 'no-such.html'].map(async (path) => {
          const { status, headers } = await net.fetch(`slipway://app/${path}`)
          return { status, ...Object.fromEntries(headers) } as Record<string, unknown>
        }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 404])
    for (const answer of answers) {
      const policy = String(answer['content-security-policy']).replace(/'nonce-[^']+'/, 'NONCE')
      expect(policy.split('; ').sort()).toEqual([
        ...[
          "base-uri 'none'",
          "connect-src 'none'",
          "default-src 'none'",
          "font-src 'self'",
          "form-action 'none'",
        ],
        ...["frame-ancestors 'none'", "frame-src 'none'", "img-src 'self' data:", "object-src 'none'"],
        ...["script-src 'self'", "style-src 'self' NONCE", "worker-src 'none'"],
      ])
      expect(answer).toMatchObject({
        ...{
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-store',
        },
        ...{ 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' },
      })
    }
    // From a timer, where the debugger that drives this test has no say.
    const outcome = await journey.page.evaluate(
      () =>
        new Promise<Record<string, unknown>>((done) => {
          setTimeout(() => {
            const names: Record<string, unknown> = {}
            const attempt = (name: string, run: () => unknown): void => {
              try {
                run()
                names[name] = 'ran'
              } catch (error) {
                names[name] = (error as Error).name
              }
            }
            attempt('eval', () => (0, eval)('1'))
            attempt('Function', () => new Function('return 1')())
            const inline = document.createElement('script')
            inline.textContent = 'globalThis.inlined = true'
            const remote = document.createElement('script')
            remote.src = 'data:text/javascript,globalThis.inlined = true'
            const holder = document.createElement('div')
            holder.innerHTML = '<img src="x" onerror="globalThis.inlined = true">'
            const style = new DOMParser().parseFromString('<style>body{top:7px}</style>', 'text/html')
            document.head.append(inline, document.importNode(style.head, true))
            remote.onerror = () => {
              names.inlined = (globalThis as unknown as { inlined?: boolean }).inlined ?? false
              names.top = getComputedStyle(document.body).top
              done(names)
            }
            document.body.append(holder, remote)
            holder.remove()
          }, 0)
        }),
    )
    expect(outcome).toEqual({ eval: 'EvalError', Function: 'EvalError', inlined: false, top: 'auto' })
  })

  it('lets nothing of the page out to the network', async () => {
    const results = await journey.page.evaluate(async (base) => {
      const ended = (element: HTMLElement): Promise<string> =>
        new Promise((done) => {
          element.onload = () => done('loaded')
          element.onerror = () => done('refused')
          document.body.append(element)
        })
      const image = new Image()
      image.src = `${base}/image`
      const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${base}/style` })
      const remote = Object.assign(document.createElement('script'), { src: `${base}/script` })
      const socket = new Promise<string>((done) => {
        try {
          const opened = new WebSocket(`${base.replace('http', 'ws')}/socket`)
          opened.onopen = () => done('loaded')
          opened.onerror = () => done('refused')
        } catch {
          done('refused')
        }
      })
      navigator.sendBeacon(`${base}/beacon`, 'x')
      const form = Object.assign(document.createElement('form'), { action: `${base}/form`, method: 'post' })
      document.body.append(form)
      form.submit()
      const frame = Object.assign(document.createElement('iframe'), { src: `${base}/frame` })
      document.body.append(frame)
      const fetched = fetch(`${base}/fetch`).then(
        () => 'loaded',
        () => 'refused',
      )
      const outcomes = await Promise.all([ended(image), ended(link), ended(remote), socket, fetched])
      for (const element of [image, link, remote, form, frame]) element.remove()
      return outcomes
    }, `http://${server.host}`)
    expect(results).toEqual(Array(5).fill('refused'))
    expect(server.arrived).toEqual([])
  })

  it('stays on its page, opens no window, and hands only http and https to the browser', async () => {
    const here = journey.page.url()
    const outcome = await journey.page.evaluate(async (base) => {
      const link = Object.assign(document.createElement('a'), { href: `${base}/link` })
      const blank = Object.assign(document.createElement('a'), { href: `${base}/blank`, target: '_blank' })
      document.body.append(link, blank)
      const windows = [
        ...['file:///etc/passwd', 'smb://127.0.0.1/x', 'javascript:globalThis.hacked=3', 'mailto:a@b.c'],
        ...['slipway://app/index.html', 'http://user:secret@127.0.0.1/', `${base}/window`],
      ].map(
        (url) => window.open(url, 'x', 'nodeIntegration=yes,contextIsolation=no,sandbox=no,popup') === null,
      )
      blank.click()
      link.click()
      link.remove()
      blank.remove()
      location.assign(`${base}/assign`)
      location.assign('file:///etc/passwd')
      return windows
    }, `http://${server.host}`)
    expect(outcome).toEqual(Array(7).fill(true))
    expect(await opened()).toEqual([`http://${server.host}/window`, `http://${server.host}/blank`])
    expect(journey.page.url()).toBe(here)
    expect(journey.app.windows()).toHaveLength(1)
    expect(server.arrived).toEqual([])
  })

  it('is not led away by a file that is dropped on it, and says that there is no image in it', async () => {
    const here = journey.page.url()
    const file = userData.join('dropped.html')
    writeFileSync(file, script)
    const client = await journey.page.context().newCDPSession(journey.page)
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      const data = { items: [], files: [file], dragOperationsMask: 1 }
      await client.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data })
    }
    // Not by Playwright's own waiting, which hangs on a navigation that was refused before.
    const word = journey.at('composer').getByText('There are no images in this file')
    await until('the word about the file', () => word.isVisible())
    await client.detach()
    expect(journey.page.url()).toBe(here)
  })

  it('is not led away by a link that is dropped on it', async () => {
    const here = journey.page.url()
    await journey.page.keyboard.press('Escape')
    const client = await journey.page.context().newCDPSession(journey.page)
    const url = `http://${server.host}/dropped`
    const items = ['text/uri-list', 'text/plain'].map((mimeType) => ({ mimeType, data: url }))
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      const data = { items, files: [], dragOperationsMask: 1 }
      await client.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data })
    }
    await client.detach()
    expect(await journey.page.evaluate(() => location.href)).toBe(here)
    expect(server.arrived).toEqual([])
  })

  it('follows no redirect of its own protocol, and fills no frame', async () => {
    const here = journey.page.url()
    const statuses = await journey.app.evaluate(
      ({ net }, to) =>
        Promise.all(
          [`index.html?to=${to}`, `redirect/${to}`, `//${to}`].map(async (path) => {
            const { status, headers, redirected } = await net.fetch(`slipway://app/${path}`)
            return [status, headers.get('location'), redirected]
          }),
        ),
      `http://${server.host}/redirect`,
    )
    expect(statuses).toEqual([200, 404, 404].map((status) => [status, null, false]))
    const frames = await journey.page.evaluate(async (base) => {
      const sources = [
        `${base}/frame`,
        'slipway://app/index.html',
        'file:///etc/passwd',
        'data:text/html,<script>1</script>',
      ]
      const made = sources.map((src) => Object.assign(document.createElement('iframe'), { src }))
      // A frame that is refused need not say so; one that is allowed, made after them, does.
      const last = Object.assign(document.createElement('iframe'), { srcdoc: 'x' })
      const end = new Promise((done) => (last.onload = done))
      document.body.append(...made, last)
      await end
      last.remove()
      const texts = made.map((frame) => {
        try {
          return frame.contentDocument?.documentElement.textContent ?? ''
        } catch {
          return ''
        }
      })
      for (const frame of made) frame.remove()
      return texts
    }, `http://${server.host}`)
    expect(frames).toEqual(['', '', '', ''])
    expect(server.arrived).toEqual([])
    expect(await journey.page.evaluate(() => location.href)).toBe(here)
  })

  it('refuses permissions, webviews and downloads', async () => {
    const answers = await journey.page.evaluate(async () => {
      const refused = (asked: Promise<unknown>): Promise<string> =>
        asked.then(
          () => 'granted',
          () => 'refused',
        )
      return {
        place: await new Promise((done) =>
          navigator.geolocation.getCurrentPosition(
            () => done('granted'),
            ({ code }) => done(code),
          ),
        ),
        notification: await Notification.requestPermission(),
        clipboard: await refused(navigator.clipboard.readText()),
        camera: await refused(navigator.mediaDevices.getUserMedia({ video: true })),
        webview: 'loadURL' in document.body.appendChild(document.createElement('webview')),
        states: await Promise.all(
          [
            'geolocation',
            'notifications',
            'camera',
            'microphone',
            'midi',
            'clipboard-read',
            'persistent-storage',
          ].map((name) =>
            navigator.permissions.query({ name: name as PermissionName }).then(({ state }) => state),
          ),
        ),
        display: await refused(navigator.mediaDevices.getDisplayMedia()),
        devices: await Promise.all(
          (['usb', 'serial', 'hid', 'bluetooth'] as const).map((name) => {
            const devices = (
              navigator as unknown as Record<string, Record<string, (x: object) => Promise<unknown>>>
            )[name]
            const request = name === 'serial' ? 'requestPort' : 'requestDevice'
            const filters = name === 'bluetooth' ? { acceptAllDevices: true } : { filters: [] }
            const asked = devices?.[request]?.(filters)
            // An empty list is what HID answers instead of an error.
            return asked
              ? refused(asked.then((found) => (Array.isArray(found) && !found.length ? Promise.reject() : 0)))
              : 'refused'
          }),
        ),
        worker: await refused(navigator.serviceWorker.register('/assets/x.js')),
        cookie: ((document.cookie = 'a=b'), document.cookie),
      }
    })
    expect(answers).toEqual({
      ...{ place: 1, notification: 'denied', clipboard: 'refused', camera: 'refused', webview: false },
      states: Array(7).fill('denied'),
      ...{ display: 'refused', devices: Array(4).fill('refused'), worker: 'refused', cookie: '' },
    })
    const contents = await journey.app.evaluate(({ webContents }) => webContents.getAllWebContents().length)
    expect(contents, 'no guest').toBe(1)
    await journey.app.evaluate(({ session }) => {
      const prevented = new Promise<boolean>((done) => {
        session.defaultSession.once('will-download', (event) => done(event.defaultPrevented))
      })
      Object.assign(globalThis, { prevented })
    })
    await journey.page.evaluate(() => {
      const link = { href: 'data:application/octet-stream,x', download: 'x.bin' }
      Object.assign(document.createElement('a'), link).click()
    })
    const download = journey.app.evaluate(
      () => (globalThis as unknown as { prevented: Promise<boolean> }).prevented,
    )
    expect(await download, 'prevented').toBe(true)
  })

  it('serves the files of the page and nothing else', async () => {
    const paths = `
      app/../main/main.cjs app/%2e%2e/main/main.cjs app/..%2fmain%2fmain.cjs app/%2e%2e%2fmain/main.cjs
      app/..%5cmain%5cmain.cjs app/%252e%252e/main/main.cjs app//etc/passwd app/index.html%00.js
      app/%E0%A4%A app/assets other/index.html app.evil/index.html app/no-such.js`
      .trim()
      .split(/\s+/)
    const statuses = await journey.app.evaluate(
      ({ net }, all) =>
        Promise.all(
          all.map((path) =>
            net.fetch(`slipway://${path}`).then(
              ({ status }) => status,
              () => 404,
            ),
          ),
        ),
      paths,
    )
    expect(Object.fromEntries(paths.map((path, index) => [path, statuses[index]]))).toEqual(
      Object.fromEntries(paths.map((path) => [path, 404])),
    )
  })
})
