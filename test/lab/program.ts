import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { startDisplay, type Display } from './display'
import type { Keyring } from './keyring'
import { electronBinary } from './launch/electron.mjs'
import { root } from './launch/place.mjs'
import { environment, quiet } from './program-environment'
import { temporaryFolder } from './temporary'
import { undoLater } from './undo'

export interface ProgramOptions {
  /** DOCKER_HOST; not set when not given. */
  engineHost?: string
  /** Without one there is no session bus either, so no keychain. */
  keyring?: Keyring
  /** One of its own, as large as a full screen, when not given. */
  display?: Display
  /** Folder that outlives the program, to start it again with what it knows; a temporary one when not given. */
  userData?: string
  lang?: 'en' | 'zh-CN'
  /** The window's size in pixels. */
  size?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
  env?: Record<string, string>
  /** Path of a script that the main process runs before anything of ours: to look over its shoulder from the start. */
  prelude?: string
  /** Arguments on top of ours. */
  args?: string[]
}

export interface Program {
  app: ElectronApplication
  /** The first window. */
  window: Page
  userData: string
  /** Empty folder that is its HOME. */
  home: string
  /** What it has written to stdout and stderr so far. */
  output(): string
  /** Quits it as its user would. */
  close(): Promise<void>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

/** Opens the built program in Electron, in an environment of its own, and waits for its first window. */
export async function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const folder = temporaryFolder('program')
  const display = options.display ?? (await startDisplay())
  const userData = options.userData ?? folder.join('user-data')
  const home = folder.join('home')
  for (const path of [userData, home, folder.join('run'), folder.join('docker')]) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  }
  const electron = await electronBinary({ virtualDisplay: display.virtual })
  const lang = options.lang ?? 'en'
  const entry = waitingEntry(folder.join('entry'), options.prelude)
  const written = listen(`--user-data-dir=${userData}`)
  const app = await _electron.launch({
    executablePath: electron.executable,
    args: [
      ...electron.args.map((argument) => (argument === root ? entry : argument)),
      ...quiet,
      `--user-data-dir=${userData}`,
      `--lang=${lang}`,
      ...(options.args ?? []),
    ],
    env: {
      ...{ ...environment(folder.path, lang, options), ...display.env, ...electron.env },
      ...('SLIPWAY_APP_DIR' in electron.env ? { SLIPWAY_APP_DIR: entry } : {}),
      ...options.env,
    },
    colorScheme: options.colorScheme ?? null,
    cwd: home,
    timeout: 60_000,
  })
  const child = app.process()
  const undo = undoLater(['kill', '-KILL', '--', `-${child.pid}`])
  const gone = new Promise<void>((done) => child.once('exit', () => done()))

  const cleanUp = async (): Promise<void> => {
    undo.done()
    if (options.display === undefined) await display.stop()
    folder.remove()
  }
  const kill = async (): Promise<void> => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It is gone: that is what we want.
    }
    if (child.exitCode === null && child.signalCode === null) await gone
    await cleanUp()
  }
  try {
    const window = await app.firstWindow({ timeout: 60_000 })
    if (options.size !== undefined) await resize(app, options.size)
    return {
      ...{ app, window, userData, home, kill },
      output: written.text,
      async close() {
        const closed = app.close().then(() => 'closed' as const)
        let timer: NodeJS.Timeout | undefined
        const late = new Promise<'late'>((done) => (timer = setTimeout(() => done('late'), 15_000)))
        const outcome = await Promise.race([closed, late])
        clearTimeout(timer)
        if (outcome === 'late') {
          await kill()
          throw new Error(`the program did not quit within 15 s\n${written.text().slice(-2000)}`)
        }
        await cleanUp()
      },
    }
  } catch (error) {
    await kill()
    throw new Error(`the program showed no window\n${written.text().slice(-4000)}`, { cause: error })
  }
}

/**
 * Makes a folder that Electron opens as if it were the program's own. In it Playwright's loader goes first, which holds
 * `ready` back until Playwright is there: else it now and then misses the first window being made, and waits for ever.
 */
function waitingEntry(folder: string, prelude?: string): string {
  const { main, ...about } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string }
  const playwright = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'))
  const start = [
    `require(${JSON.stringify(join(playwright, 'lib/server/electron/loader.js'))})`,
    `require('electron').app.setAppPath(${JSON.stringify(root)})`,
    ...(prelude === undefined ? [] : [`require(${JSON.stringify(prelude)})`]),
    `require(${JSON.stringify(join(root, main))})`,
  ]
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...about, type: 'commonjs', main: 'start.js' }),
  )
  writeFileSync(join(folder, 'start.js'), start.join('\n'))
  return folder
}

// By the time that Playwright hands out the process it has swallowed what was written first, so we look over Node's
// shoulder as it makes the process with our argument.
function listen(argument: string): { text(): string } {
  let text = ''
  const add = (chunk: Buffer): void => void (text += chunk.toString())
  const onProcess = (message: unknown): void => {
    const { process: child } = message as { process: ChildProcess }
    child.once('spawn', () => {
      if (!child.spawnargs.includes(argument)) return
      unsubscribe('child_process', onProcess)
      child.stdout?.on('data', add)
      child.stderr?.on('data', add)
    })
  }
  subscribe('child_process', onProcess)
  return { text: () => text }
}

async function resize(app: ElectronApplication, size: { width: number; height: number }): Promise<void> {
  await app.evaluate(({ BrowserWindow }, { width, height }) => {
    const [first] = BrowserWindow.getAllWindows()
    first?.setPosition(0, 0)
    first?.setSize(width, height)
  }, size)
}
