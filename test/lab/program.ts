import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdirSync } from 'node:fs'
import { _electron, errors, type ElectronApplication, type Page } from 'playwright-core'
import { startDisplay, type Display } from './display'
import type { Keyring } from './keyring'
import { electronBinary } from './launch/electron.mjs'
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
  const args = [
    ...electron.args,
    ...quiet,
    `--user-data-dir=${userData}`,
    `--lang=${lang}`,
    ...(options.args ?? []),
  ]
  const { app, written } = await launch({
    executablePath: electron.executable,
    args,
    env: { ...environment(folder.path, lang, options), ...display.env, ...electron.env, ...options.env },
    colorScheme: options.colorScheme ?? null,
    cwd: home,
    timeout: 25_000,
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

type LaunchOptions = NonNullable<Parameters<typeof _electron.launch>[0]>

// Playwright attaches while the first window is being made, and on a busy machine it now and then misses it and waits for
// ever; it ends that program itself.
async function launch(
  options: LaunchOptions,
  attempts = 3,
): Promise<{ app: ElectronApplication; written: ReturnType<typeof listen> }> {
  const folder = options.args?.find((argument) => argument.startsWith('--user-data-dir=')) ?? ''
  const written = listen(folder)
  try {
    return { app: await _electron.launch(options), written }
  } catch (error) {
    if (attempts <= 1 || !(error instanceof errors.TimeoutError)) throw error
    return launch(options, attempts - 1)
  }
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
