/** Everything behind the window: services, handlers, and the door that lets the window's calls in to them. */
import { homedir } from 'node:os'
import { app, clipboard, dialog, session, shell, type BrowserWindow, type WebContents } from 'electron'
import type { AppInfo, Emit } from '@shared/contract'
import { AppError } from '@shared/error'
import type { Settings } from '@shared/settings'
import { allHandlers } from './all-handlers'
import { KeytarKeychain } from './credentials/keytar'
import { createDialogs } from './dialogs'
import type { Door } from './gate'
import { createDoor, createEmit } from './ipc'
import type { Log } from './log'
import { createServices, type Services } from './services'
import type { SettingsStore } from './store/settings'
import { TransferBar } from './transfer-bar'

export interface ProgramParts {
  /** The program's data folder. */
  folder: string
  settings: SettingsStore
  applySettings: (settings: Settings) => void
  window: () => BrowserWindow | null
  contents: () => WebContents | null
  isOwnPage: (url: string) => boolean
  strict: boolean
  log: Log
}

/** Builds the program behind its window; nothing is asked of a registry or an engine before `services.start()`. */
export function createProgram(parts: ProgramParts): { services: Services; door: Door } {
  const { folder, settings, applySettings, window, contents, isOwnPage, strict, log } = parts
  const send = createEmit({ contents, strict, log })
  const bar = new TransferBar((fraction) => window()?.setProgressBar(fraction))
  const emit: Emit = (name, payload) => {
    if (name === 'job:changed') bar.see(payload as Parameters<TransferBar['see']>[0])
    send(name, payload)
  }
  const writeClipboard = (text: string): void => void clipboard.writeText(text)
  const services = createServices({
    ...{ folder, settings, emit, log, writeClipboard },
    askProxy: (url) => session.defaultSession.resolveProxy(url),
    home: homedir(),
    environment: process.env,
    platform: process.platform,
    keychain: new KeytarKeychain(),
  })
  const { choosePem, chooseArchives, ...dialogs } = createDialogs({
    open: (options) => {
      const over = window()
      return over ? dialog.showOpenDialog(over, options) : dialog.showOpenDialog(options)
    },
    save: (options) => {
      const over = window()
      return over ? dialog.showSaveDialog(over, options) : dialog.showSaveDialog(options)
    },
  })
  const handlers = allHandlers({
    ...{ services, emit, applySettings, choosePem, chooseArchives, dialogs },
    app: {
      info: () => appInfo(services),
      openExternal: (url) => shell.openExternal(url),
      writeClipboard,
    },
  })
  // A page that is loaded anew reads no log and shows no terminal of the one before.
  contents()?.on('did-navigate', () => void services.deploy.made?.deployments.forgetWindow())
  return { services, door: createDoor({ handlers, contents, isOwnPage, strict, log }) }
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
