import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stop, run, tool } from './child.mjs'
import { root } from './place.mjs'

const sources = ['electron', 'renderer', 'shared', 'resources', 'electron.vite.config.ts', 'tsconfig.json']
const files = [...sources, 'package.json', 'package-lock.json']
const stamp = join(root, 'out/app/.sources')

/** Builds the program into out/app, unless it was built from exactly these sources. */
export async function build() {
  const hash = sourceHash()
  if (read(stamp) === hash) return
  console.log('Building ...')
  const { code, output } = await run(process.execPath, [...tool('electron-vite'), 'build'], { quiet: true })
  if (code !== 0) throw new Stop(`${output.trim()}\nThe build failed`, code)
  mkdirSync(join(root, 'out/app'), { recursive: true })
  writeFileSync(stamp, hash)
}

function sourceHash() {
  const hash = createHash('sha256')
  const add = (path) => {
    const full = join(root, path)
    const found = statSync(full, { throwIfNoEntry: false })
    if (found === undefined) return
    if (found.isDirectory()) for (const name of readdirSync(full).sort()) add(`${path}/${name}`)
    else hash.update(`${path}\0${found.size}\0`).update(readFileSync(full))
  }
  for (const path of files) add(path)
  return hash.digest('hex')
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
