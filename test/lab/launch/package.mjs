import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { createPackageWithOptions, getRawHeader } from '@electron/asar'
import { electronBinary } from './electron.mjs'
import { executableIn } from './electron-project.mjs'
import { stageProgram } from './package-contents.mjs'
import { copyElectron, writeIntegrity } from './package-electron.mjs'
import { blowFuses } from './package-fuses.mjs'
import { packageLicences } from './package-licences.mjs'
import { root } from './place.mjs'

/**
 * Makes the built program into one that runs by itself, in `folder` or out/package/<platform>-<arch>: Electron under the
 * name slipway with its fuses flipped, the program as resources/app.asar, native modules beside it, licences. Resolves
 * with the `folder`, the `executable` (on macOS the .app), the `asar`, the `packages` in it, the fuses that this Electron
 * does not have as `missing`, and `standIn`: whether it is the one that only stands in.
 */
export async function packageProgram({ folder = defaultFolder() } = {}) {
  const { platform, arch } = process
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const electron = await electronBinary()
  const from = electron.executable.slice(0, -executableIn().length)
  mkdirSync(dirname(folder), { recursive: true })
  const work = mkdtempSync(`${folder}.part-`)
  try {
    const stage = join(work, 'stage')
    const packages = stageProgram(stage, { platform, arch })
    const program = join(work, 'program')
    const { executable, resources } = await copyElectron(from, program, { platform, version })
    const asar = join(resources, 'app.asar')
    await packFiles(stage, asar)
    if (platform === 'darwin') await writeIntegrity(executable, headerHash(asar))
    addBesides(program, platform)
    const missing = await blowFuses(executable, platform)
    rmSync(folder, { recursive: true, force: true })
    renameSync(program, folder)
    const moved = (path) => join(folder, relative(program, path))
    const standIn = electron.origin === 'fallback'
    return { folder, executable: moved(executable), asar: moved(asar), packages, missing, standIn }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Packs a folder into an app.asar; native modules lie beside it, since a system loads them from a file only. */
export async function packFiles(folder, asar) {
  await createPackageWithOptions(folder, asar, { unpack: '**/*.node' })
}

const defaultFolder = () => join(root, 'out/package', `${process.platform}-${process.arch}`)

const headerHash = (asar) => createHash('sha256').update(getRawHeader(asar).headerString).digest('hex')

function addBesides(program, platform) {
  writeFileSync(join(program, 'LICENSES.packages.txt'), packageLicences())
  if (platform !== 'linux') return
  for (const name of ['slipway.desktop', 'icon.png'])
    cpSync(join(root, 'resources', name), join(program, name))
}
