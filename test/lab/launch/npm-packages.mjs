import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stop, npm } from './child.mjs'
import { root } from './place.mjs'

/** Installs what the lock file names, without any package's scripts, unless it is installed already. */
export async function prepareNpmPackages() {
  if (installed()) return
  console.log('Installing npm packages ...')
  const { code } = await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  if (code !== 0) throw new Stop('npm ci failed: see above', code)
}

// npm writes what it installed into node_modules/.package-lock.json; comparing that with the lock file asks the
// question itself, where a stamp of our own would only know what we installed.
function installed() {
  const wanted = packages(join(root, 'package-lock.json'))
  const present = packages(join(root, 'node_modules/.package-lock.json'))
  if (wanted === null) throw new Stop('package-lock.json is missing or broken')
  if (present === null) return false
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  )
}

function packages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return null
  }
}
