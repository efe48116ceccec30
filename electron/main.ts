/** The composition root: one instance, its services, its window. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { app, clipboard, dialog, nativeTheme, shell, type BrowserWindow } from 'electron'
import type { AppInfo, Emit } from '@shared/contract'
import { AppError } from '@shared/error'
import type { Settings } from '@shared/settings'
import { KeytarKeychain } from './credentials/keytar'
import { allHandlers } from './all-handlers'
import { createDialogs } from './dialogs'
import { createEmit, openDoor } from './ipc'
import { createLog } from './log'
import { logFile } from './log-file'
import { isOwnPage } from './page'
import { quitQuestion } from './quit-question'
import { createServices, type Services } from './services'
import { JsonFile } from './store/json-file'
import { TransferBar } from './transfer-bar'
import { declareScheme, openWindow } from './window'
import { firstPlace, WindowPlace } from './window-place'

const developmentUrl = app.isPackaged ? null : (process.env['ELECTRON_RENDERER_URL'] ?? null)
/** Outputs and events are held against the contract too. */
const strict = developmentUrl !== null || process.env['SLIPWAY_STRICT'] === '1'

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

async function appInfo(services: Services): Promise<AppInfo> {
  // A keychain that waits for its password must not hold up the window.
  const slow = new AppError('KEYCHAIN_LOCKED', { side: 'keychain' })
  const waited = new Promise<AppError>((resolve) => setTimeout(resolve, 1500, slow).unref())
  const error = await Promise.race([services.credentials.available(), waited])
  return {
    version: app.getVersion(),
    electron: process.versions.electron ?? '',
    platform: process.platform,
    locale: app.getLocale(),
    keychain: { available: error === null, error: error?.toInfo() ?? null },
  }
}

function applySettings(settings: Settings): void {
  nativeTheme.themeSource = settings.theme
}

async function run(): Promise<void> {
  await app.whenReady()
  const send = createEmit({ contents, strict, log })
  const bar = new TransferBar((fraction) => window?.setProgressBar(fraction))
  const emit: Emit = (name, payload) => {
    if (name === 'job:changed') bar.see(payload as Parameters<TransferBar['see']>[0])
    send(name, payload)
  }
  const services = createServices({
    folder,
    home: homedir(),
    environment: process.env,
    platform: process.platform,
    keychain: new KeytarKeychain(),
    writeClipboard: (text) => clipboard.writeText(text),
    emit,
    log,
  })
  applySettings(services.settings.read())

  const { choosePem, chooseArchives, ...dialogs } = createDialogs({
    open: (options) => (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options)),
    save: (options) => (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options)),
  })
  const handlers = allHandlers({
    services,
    emit,
    applySettings,
    choosePem,
    chooseArchives,
    dialogs,
    app: {
      info: () => appInfo(services),
      openExternal: (url) => shell.openExternal(url),
      writeClipboard: (text) => clipboard.writeText(text),
    },
  })
  openDoor({
    handlers,
    contents,
    isOwnPage: (url) => isOwnPage(url) || (developmentUrl !== null && url.startsWith(developmentUrl)),
    strict,
    log,
  })

  const placeFile = new JsonFile({
    file: join(folder, 'window.json'),
    schema: WindowPlace,
    fallback: firstPlace,
    log,
  })
  let placed: Promise<unknown> = Promise.resolve()
  window = openWindow({
    pageFolder: join(__dirname, '../renderer'),
    preload: join(__dirname, '../preload/preload.cjs'),
    icon: join(app.getAppPath(), 'resources/icon.png'),
    place: placeFile.read(),
    savePlace: (place) => {
      placed = placeFile.change(() => place).catch((error: unknown) => log.warn('window place', { error }))
    },
    developmentUrl,
  })
  askBeforeClosing(window, services)
  window.on('closed', () => (window = null))
  // A page that is loaded anew reads no log and shows no terminal of the one before.
  window.webContents.on('did-navigate', () => void services.deploy.made?.deployments.forgetWindow())
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
