/** The one window, and everything that a page in it may not do. */
import {
  app,
  BrowserWindow,
  Menu,
  nativeTheme,
  protocol,
  screen,
  session,
  shell,
  type Session,
} from 'electron'
import { externalUrl, isOwnPage, pageOrigin, scheme, servePage } from './page'
import { fitPlace, type WindowPlace } from './window-place'

export interface WindowOptions {
  /** Folder of the built renderer. */
  pageFolder: string
  preload: string
  icon: string
  place: WindowPlace
  savePlace: (place: WindowPlace) => void
  /** Address of the development server, where there is one. */
  developmentUrl: string | null
  /** The page's first files have all been handed over. */
  onServed: () => void
}

/** Must run before the app is ready: makes our scheme a secure origin with a host. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: false, corsEnabled: false } },
  ])
}

/** Calls `fire` once nobody has called for so many milliseconds. */
function debounced(fire: () => void, milliseconds: number): () => void {
  let timer: NodeJS.Timeout | undefined
  return () => {
    clearTimeout(timer)
    timer = setTimeout(fire, milliseconds)
  }
}

/** Refuses what no page of ours needs: permissions, downloads, requests to anywhere but our own page. */
function lockSession(target: Session, options: WindowOptions): void {
  target.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  target.setPermissionCheckHandler(() => false)
  target.setDevicePermissionHandler(() => false)
  target.on('will-download', (event) => event.preventDefault())
  const quiet = debounced(options.onServed, 15)
  target.protocol.handle(scheme, async (request) => {
    const response = await servePage(options.pageFolder, request)
    if (request.url.endsWith('.js')) quiet()
    return response
  })
  if (options.developmentUrl) return
  target.webRequest.onBeforeRequest((details, decide) => {
    const own =
      isOwnPage(details.url) || details.url.startsWith('data:') || details.url.startsWith('devtools:')
    decide({ cancel: !own })
  })
}

function lockNavigation(window: BrowserWindow, options: WindowOptions): void {
  const stays = (url: string): boolean =>
    isOwnPage(url) || (options.developmentUrl !== null && url.startsWith(options.developmentUrl))
  const contents = window.webContents
  contents.on('will-navigate', (event, url) => {
    if (!stays(url)) event.preventDefault()
  })
  // There are no frames; one that came to be would stay empty.
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault()
  })
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    const external = externalUrl(url)
    if (external) void shell.openExternal(external)
    return { action: 'deny' }
  })
}

function rememberPlace(window: BrowserWindow, save: (place: WindowPlace) => void): void {
  const store = (): void => {
    if (window.isDestroyed() || window.isMinimized()) return
    const bounds = window.getNormalBounds()
    save({
      x: bounds.x,
      y: bounds.y,
      width: bounds.width,
      height: bounds.height,
      maximized: window.isMaximized(),
    })
  }
  let timer: NodeJS.Timeout | null = null
  const soon = (): void => {
    if (timer) clearTimeout(timer)
    timer = setTimeout(store, 400)
  }
  window.on('resize', soon)
  window.on('move', soon)
  window.on('close', () => {
    if (timer) clearTimeout(timer)
    store()
  })
  // Quitting closes the window only when everything else has been stored.
  app.once('before-quit', store)
}

/** Copy and paste need a menu on macOS; elsewhere the window has none: its keys are its own. */
function setMenu(): void {
  const menu =
    process.platform === 'darwin'
      ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }])
      : null
  Menu.setApplicationMenu(menu)
}

/** Opens the window where it was, locked to our own page. It is shown when its first frame is painted. */
export function openWindow(options: WindowOptions): BrowserWindow {
  setMenu()
  lockSession(session.defaultSession, options)
  const place = fitPlace(
    options.place,
    screen.getAllDisplays().map((display) => display.workArea),
  )
  const window = new BrowserWindow({
    ...(place.x === null || place.y === null ? {} : { x: place.x, y: place.y }),
    width: place.width,
    height: place.height,
    minWidth: 900,
    minHeight: 600,
    title: 'Slipway',
    icon: options.icon,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#15191c' : '#f7f8f9',
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  })
  lockNavigation(window, options)
  rememberPlace(window, options.savePlace)
  window.once('ready-to-show', () => {
    if (place.maximized) window.maximize()
    window.show()
  })
  void window.loadURL(options.developmentUrl ?? `${pageOrigin}/index.html`)
  if (options.developmentUrl) options.onServed()
  return window
}
