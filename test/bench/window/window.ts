/** The real Electron window without a driver in it: our program, or an empty window of the same binary and flags. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Display } from '../../lab/display'
import { electronBinary } from '../../lab/launch/electron.mjs'
import { startService } from '../../lab/process'
import { environment, quiet } from '../../lab/program-environment'
import { temporaryFolder } from '../../lab/temporary'

export interface WindowRun {
  /** Milliseconds from the start of the process to the frame with the content. */
  painted: number
  pid: number
  stop(): Promise<void>
}

export interface WindowOptions {
  display: Display
  /** The program's data folder; null opens an empty window. */
  userData: string | null
  /** CSS selector of what has to be on the screen. */
  selector: string
}

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../../..')

/** Starts Electron, waits until the content is painted, and leaves the window open. */
export async function openWindow({ display, userData, selector }: WindowOptions): Promise<WindowRun> {
  const folder = temporaryFolder('bench-window')
  const app = folder.join('app')
  for (const path of ['app', 'home', 'run', 'docker', 'data']) mkdirSync(folder.join(path), { mode: 0o700 })
  for (const file of ['probe.cjs', 'empty.html']) copyFileSync(join(here, file), join(app, file))
  const about = { name: 'slipway-bench', productName: 'Slipway', version: '0.1.0', main: 'probe.cjs' }
  writeFileSync(join(app, 'package.json'), JSON.stringify(about))
  const electron = await electronBinary({ virtualDisplay: display.virtual })
  // Where the program's folder stands, the one with the probe takes its place.
  const named = (text: string): string => (text === root ? app : text)
  const env = Object.fromEntries(Object.entries(electron.env).map(([name, value]) => [name, named(value)]))
  const data = userData ?? folder.join('data')
  const begun = Date.now()
  const service = await startService({
    command: electron.executable,
    args: [...electron.args.map(named), ...quiet, `--user-data-dir=${data}`, '--lang=en'],
    logFile: folder.join('log'),
    cwd: folder.join('home'),
    env: {
      ...environment(folder.path, 'en', {}),
      ...display.env,
      ...env,
      BENCH_SELECTOR: selector,
      ...(userData === null ? {} : { BENCH_APP: root }),
    },
  })
  const stop = async (): Promise<void> => {
    await service.stop()
    folder.remove()
  }
  try {
    const shown = await service.ready(() => /^painted ([\d.]+)$/m.exec(service.log())?.[1], 60_000)
    return { painted: Number(shown) - begun, pid: service.pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
