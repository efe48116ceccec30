import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './child.mjs'
import { cacheFolder, root } from './place.mjs'

const folder = join(root, 'node_modules/electron')
const silence = 60_000
const forgetAfter = 6 * 3600_000

/** The executable's path inside an unpacked Electron on this system. */
export function executableIn() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

/**
 * The executable of the project's own `electron` package, downloaded now if it was not yet; `executable` is null, with
 * a `reason`, when that fails. A failure is remembered for six hours, so that not every run waits for it.
 */
export async function projectElectron() {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const executable = join(folder, 'dist', executableIn())
  const reason = `Electron ${version} cannot be downloaded here`
  if (complete(version, executable)) return { executable }
  const note = join(cacheFolder(), `electron-${version}-out-of-reach`)
  const failed = statSync(note, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (Date.now() - failed < forgetAfter) return { executable: null, reason }
  const output = await download(version)
  if (complete(version, executable)) return { executable }
  mkdirSync(cacheFolder(), { recursive: true })
  writeFileSync(note, output)
  return { executable: null, reason }
}

// The package writes path.txt last of all: before that, dist may be half unpacked.
function complete(version, executable) {
  try {
    const unpacked = readFileSync(join(folder, 'dist/version'), 'utf8').trim().replace(/^v/, '')
    return unpacked === version && existsSync(join(folder, 'path.txt')) && existsSync(executable)
  } catch {
    return false
  }
}

// The installer reports no progress, so we look at what it has written: it works in the folder for temporary files
// first and in dist then.
async function download(version) {
  console.log(`Downloading Electron ${version} ...`)
  const temporary = mkdtempSync(join(tmpdir(), 'slipway-electron-'))
  const env = { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary }
  const stop = new AbortController()
  let last = { size: -1, at: Date.now() }
  const watch = setInterval(() => {
    const size = sizeOf(temporary) + sizeOf(join(folder, 'dist'))
    if (size !== last.size) last = { size, at: Date.now() }
    else if (Date.now() - last.at > silence) stop.abort()
  }, 1000)
  const args = [join(folder, 'install.js')]
  const { output } = await run(process.execPath, args, { env, quiet: true, signal: stop.signal })
  clearInterval(watch)
  rmSync(temporary, { recursive: true, force: true })
  return output
}

function sizeOf(path) {
  try {
    const found = statSync(path)
    if (!found.isDirectory()) return found.size
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
  } catch {
    return 0
  }
}
