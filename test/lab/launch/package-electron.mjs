import { chmodSync, constants, cpSync, existsSync, renameSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Stop, run } from './child.mjs'

/**
 * Copies the Electron at `from` (the folder of its distribution) to `to` without the program that it carries, and gives
 * it Slipway's name. Resolves with `executable`, on macOS the .app, and `resources`, the folder for app.asar.
 */
export async function copyElectron(from, to, { platform, version }) {
  const carried = /(^|[/\\])resources[/\\](app|app\.asar|app\.asar\.unpacked|default_app\.asar)([/\\]|$)/i
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (file) => !carried.test(relative(from, resolve(file))),
  })
  if (platform === 'darwin') return nameApplication(to, version)
  const [before, after] = platform === 'win32' ? ['electron.exe', 'slipway.exe'] : ['electron', 'slipway']
  const executable = join(to, after)
  renameSync(join(to, before), executable)
  if (platform === 'linux' && existsSync(join(to, 'chrome-sandbox')))
    chmodSync(join(to, 'chrome-sandbox'), 0o755)
  return { executable, resources: join(to, 'resources') }
}

// Its helpers keep their names: Electron looks for them by its own first.
async function nameApplication(to, version) {
  const executable = join(to, 'Slipway.app')
  renameSync(join(to, 'Electron.app'), executable)
  const contents = join(executable, 'Contents')
  renameSync(join(contents, 'MacOS/Electron'), join(contents, 'MacOS/Slipway'))
  const names = {
    ...{ CFBundleName: 'Slipway', CFBundleDisplayName: 'Slipway', CFBundleExecutable: 'Slipway' },
    ...{ CFBundleIdentifier: 'io.slipway.desktop' },
    ...{ CFBundleVersion: version, CFBundleShortVersionString: version },
  }
  for (const [key, value] of Object.entries(names)) await setProperty(executable, key, ['-string', value])
  return { executable, resources: join(contents, 'Resources') }
}

/** Writes into the application which app.asar it may load; macOS only. `hash`: SHA-256 of the archive's header, hex. */
export function writeIntegrity(application, hash) {
  const value = JSON.stringify({ 'Resources/app.asar': { algorithm: 'SHA256', hash } })
  return setProperty(application, 'ElectronAsarIntegrity', ['-json', value])
}

async function setProperty(application, key, value) {
  const file = join(application, 'Contents/Info.plist')
  const { code, output } = await run('plutil', ['-replace', key, ...value, file], { quiet: true })
  if (code !== 0) throw new Stop(`${output.trim()}\nThe application's properties cannot be written`)
}
