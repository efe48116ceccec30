/** The packaged program: made once in a folder of its own, and started as its user would start it. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { extractAll, extractFile, listPackage, statFile, uncache } from '@electron/asar'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { Display } from './display'
import type { Keyring } from './keyring'
import { packFiles, packageProgram, type PackagedProgram } from './launch/package.mjs'
import { startService, type Service } from './process'
import { environment, quiet } from './program-environment'
import { temporaryFolder, type TemporaryFolder } from './temporary'

export interface Packaged extends PackagedProgram {
  remove(): void
}

export interface StartOptions {
  display: Display
  userData: string
  keyring?: Keyring
  engineHost?: string
  env?: Record<string, string>
  args?: string[]
}

/** Packages what is built into a temporary folder. */
export async function makePackage(): Promise<Packaged> {
  const folder = temporaryFolder('package')
  try {
    return { ...(await packageProgram({ folder: folder.join('slipway') })), remove: () => folder.remove() }
  } catch (error) {
    folder.remove()
    throw error
  }
}

/** The files in its app.asar, from its root, sorted: `out/app/main/main.cjs`. */
export function filesIn(asar: string): string[] {
  const isFile = (path: string): boolean => !('files' in statFile(asar, path.slice(1)))
  return listPackage(asar, { isPack: false })
    .filter(isFile)
    .map((path) => path.slice(1))
    .sort()
}

export const textIn = (asar: string, path: string): string => extractFile(asar, path).toString()

/**
 * Gives a packaged program a debugger to be driven by. It has no switch for that: so a file of ours is put before its main
 * one, which asks for the port after the program has had its say. Everything else in it stays as it is.
 */
export async function makeDrivable({ asar, folder }: PackagedProgram): Promise<void> {
  const stage = `${folder}.stage`
  extractAll(asar, stage)
  const about = JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8')) as { main: string }
  const open = `require('electron').app.commandLine.appendSwitch('remote-debugging-port', '0')`
  writeFileSync(join(stage, 'start.cjs'), `require('./${about.main}')\n${open}\n`)
  writeFileSync(join(stage, 'package.json'), JSON.stringify({ ...about, main: 'start.cjs' }))
  await packFiles(stage, `${stage}.asar`)
  renameSync(`${stage}.asar`, asar)
  uncache(asar)
}

/** Starts it in an environment of its own; `folder` is its home and takes its output. */
export function startPackaged(
  { executable }: PackagedProgram,
  folder: TemporaryFolder,
  options: StartOptions,
): Promise<Service> {
  for (const name of ['home', 'run', 'docker']) mkdirSync(folder.join(name), { recursive: true, mode: 0o700 })
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return startService({
    command: executable,
    args: [
      ...[...root, '--disable-gpu', ...quiet, '--lang=en', `--user-data-dir=${options.userData}`],
      ...(options.args ?? []),
    ],
    logFile: folder.join(`output-${randomUUID()}`),
    cwd: folder.path,
    env: {
      ...environment(folder.path, 'en', options),
      ...options.display.env,
      ...options.env,
    },
  })
}

/** The window of a drivable program. */
export async function windowOf(program: Service): Promise<{ browser: Browser; page: Page }> {
  const address = await program.ready(() => /DevTools listening on (ws:\S+)/.exec(program.log())?.[1])
  // Electron has no contexts to be set to anything.
  const browser = await chromium.connectOverCDP(address, { noDefaults: true })
  const page = await program.ready(() => browser.contexts()[0]?.pages()[0])
  page.setDefaultTimeout(20_000)
  return { browser, page }
}

/** The TCP ports on which a process group listens. */
export function listeningPorts(group: number): number[] {
  const inodes = new Set(processesOf(group).flatMap(socketsOf))
  return ['tcp', 'tcp6']
    .flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && inodes.has(fields[9] ?? ''))
    .map((fields) => parseInt(fields[1]?.split(':')[1] ?? '', 16))
}

/** Of /proc/PID/stat, behind the name in brackets: state, parent, group. */
function processesOf(group: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === group
    } catch {
      return false // It has ended meanwhile.
    }
  })
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkTo(`/proc/${pid}/fd/${fd}`))?.[1]
      return inode === undefined ? [] : [inode]
    })
  } catch {
    return []
  }
}

function linkTo(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
