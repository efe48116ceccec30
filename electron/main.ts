/** The composition root: one instance, its services, its window. */
import { join } from 'node:path'
import { app, dialog, nativeTheme, type BrowserWindow } from 'electron'
import type { Settings } from '@shared/settings'
import { openGate, type Door } from './gate'
import { createLog } from './log'
import { logFile } from './log-file'
import { isOwnPage } from './page'
import { quitQuestion } from './quit-question'
import type { Services } from './services'
import { JsonFile } from './store/json-file'
import { SettingsStore } from './store/settings'
import { declareScheme, openWindow } from './window'
import { firstPlace, WindowPlace } from './window-place'

/** Switches of development; a packaged program knows none of them. */
const development = app.isPackaged ? {} : process.env
const developmentUrl = development['ELECTRON_RENDERER_URL'] ?? null
/** Outputs and events are held against the contract too. */
const strict = developmentUrl !== null || development['SLIPWAY_STRICT'] === '1'

// Chromium would open its debugger right after this file has run. Who may start the program could do as much to it in other
// ways, but not in its name: by the debugger any other program could push and deploy with the accounts of this one, and be
// taken for it by the keychain. The fuses close Node's debugger for the same reason. No switch of ours opens it again,
// since who can add the one argument can add the other.
if (app.isPackaged) {
  for (const name of ['remote-debugging-port', 'remote-debugging-pipe']) app.commandLine.removeSwitch(name)
}

// docker-modem would print request headers, credentials with them, to stderr.
delete process.env['DEBUG']

app.setName('Slipway')
declareScheme()

const folder = app.getPath('userData')
const log = createLog(
  logFile(join(folder, 'logs'), (error) => process.stderr.write(`log: ${String(error)}\n`)),
)

let window: BrowserWindow | null = null
const contents = () => (window && !window.isDestroyed() ? window.webContents : null)

process.on('uncaughtException', (error) => log.error('uncaught', { error, stack: error.stack ?? '' }))
process.on('unhandledRejection', (reason) => log.error('unhandled rejection', { reason }))

function showWindow(): void {
  if (!window) return
  if (window.isMinimized()) window.restore()
  window.focus()
}

function applySettings(settings: Settings): void {
  nativeTheme.themeSource = settings.theme
}

async function run(): Promise<void> {
  await app.whenReady()
  const settings = new SettingsStore(folder, log)
  applySettings(settings.read())
  const placeFile = new JsonFile({
    file: join(folder, 'window.json'),
    schema: WindowPlace,
    fallback: firstPlace,
    log,
  })
  let placed: Promise<unknown> = Promise.resolve()

  let open: (door: Door) => void = () => undefined
  openGate(new Promise<Door>((resolve) => (open = resolve)))
  let served: () => void = () => undefined
  const pageServed = new Promise<void>((resolve) => (served = resolve))
  window = openWindow({
    pageFolder: join(__dirname, '../renderer'),
    preload: join(__dirname, '../preload/preload.cjs'),
    icon: join(app.getAppPath(), 'resources/icon.png'),
    place: placeFile.read(),
    savePlace: (place) => {
      placed = placeFile.change(() => place).catch((error: unknown) => log.warn('window place', { error }))
    },
    developmentUrl,
    onServed: () => served(),
  })
  window.on('closed', () => (window = null))

  // The page is served first: while it is compiled over there, the rest of this process is loaded here.
  await pageServed
  const { createProgram } = await import('./program')
  const { services, door } = createProgram({
    ...{ folder, settings, applySettings, contents, strict, log },
    isOwnPage: (url) => isOwnPage(url) || (developmentUrl !== null && url.startsWith(developmentUrl)),
    window: () => window,
  })
  open(door)
  if (window) askBeforeClosing(window, services)
  services.start()
  stopBeforeQuit(() => Promise.all([services.stop(), placed]))
}

function askBeforeClosing(target: BrowserWindow, services: Services): void {
  let agreed = false
  target.on('close', (event) => {
    const running = services.queue.list().filter((job) => job.state === 'running').length
    const question = agreed ? null : quitQuestion(running, services.settings.read().language, app.getLocale())
    if (!question) return
    event.preventDefault()
    void dialog
      .showMessageBox(target, { ...question, type: 'question', defaultId: 0, cancelId: 0, noLink: true })
      .then(({ response }) => {
        agreed = response === 1
        if (agreed) target.close()
      })
  })
}

/** Quitting waits until running jobs are stored as interrupted and files are whole. */
function stopBeforeQuit(stop: () => Promise<unknown>): void {
  let stopped = false
  app.on('before-quit', (event) => {
    if (stopped) return
    event.preventDefault()
    const end = (): void => {
      stopped = true
      app.quit()
    }
    stop()
      .catch((error: unknown) => log.error('stop failed', { error }))
      .finally(end)
  })
}

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', showWindow)
  app.on('window-all-closed', () => app.quit())
  run().catch((error: unknown) => {
    log.error('start failed', { error, stack: error instanceof Error ? (error.stack ?? '') : '' })
    dialog.showErrorBox('Slipway', error instanceof Error ? error.message : String(error))
    app.exit(1)
  })
} else {
  app.quit()
}
