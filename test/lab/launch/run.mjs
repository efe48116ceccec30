import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Stop, run } from './child.mjs'
import { build } from './build.mjs'
import { prepareNpmPackages } from './npm-packages.mjs'
import { root } from './place.mjs'
import { prepareSystemPackages } from './system-packages.mjs'
import { hasScreen } from './virtual-display.mjs'

const everything = ['electron', 'display', 'lab']
const [command = 'start', ...rest] = process.argv.slice(2)

/** What `npm start`, `npm test` and the other scripts do; each resolves with an exit code. */
const commands = {
  async prepare() {
    await prepare(everything)
    return 0
  },
  async start() {
    await prepare(hasScreen() ? ['electron'] : ['electron', 'display'])
    await build()
    const { start } = await import('./start.mjs')
    return start(rest)
  },
  async dev() {
    await prepare(hasScreen() ? ['electron'] : ['electron', 'display'])
    const { develop } = await import('./start.mjs')
    return develop(rest)
  },
  async check() {
    await prepareNpmPackages()
    const { check } = await import('./check.mjs')
    return close(await check())
  },
  async test() {
    const { test } = await import('./test.mjs')
    await prepareNpmPackages()
    const missing = await prepareSystemPackages(everything)
    if (missing.length > 0 && process.env.CI) throw new Stop(missing.join('\n'))
    return close(await test(missing))
  },
  demo: () => script('test/e2e/demo/main.ts', true),
  bench: () => script('test/bench/main.ts', true),
  faults: () => script('test/faults/main.ts', false),
  lab: () => script('test/lab/main.ts', false),
  async package() {
    await prepareNpmPackages()
    await build()
    const { packageProgram } = await import('./package.mjs')
    const { folder, missing } = await packageProgram()
    if (missing.length > 0) console.log(`This Electron is too old to have the fuse ${missing.join(', ')}`)
    console.log(`Packaged into ${folder}`)
    return 0
  },
}

async function prepare(groups) {
  await prepareNpmPackages()
  const missing = await prepareSystemPackages(groups)
  if (missing.length > 0) throw new Stop(missing.join('\n'))
}

async function script(file, built) {
  if (!existsSync(join(root, file))) throw new Stop(`${file} is not there`)
  await prepare(everything)
  if (built) await build()
  const { code } = await run(process.execPath, ['--import', 'tsx', file, ...rest])
  return code
}

function close({ passed, failed, failures }) {
  // At the end, where whoever reads the last page of a long log finds them all.
  if (failures.length > 0) console.log(`\nFailed:\n${failures.join('\n')}\n`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Stop(`Slipway needs Node 20.19 or newer, this is ${process.versions.node}`)
  }
  const chosen = commands[command]
  if (chosen === undefined)
    throw new Stop(`unknown command ${command}; known: ${Object.keys(commands).join(' ')}`)
  return chosen()
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Stop ? error.message : error)
    process.exit(error instanceof Stop ? error.code : 1)
  },
)
