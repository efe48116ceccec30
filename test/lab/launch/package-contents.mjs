import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import { Stop } from './child.mjs'
import { root } from './place.mjs'

// What only a compiler, a type checker or a command line of theirs asks for; none of it is loaded at run time.
const neverLoaded = new Set(['@types/node', 'buildcheck', 'nan', 'node-addon-api', 'yargs'])
// Made on this machine for this Node, where it is only a quicker way; without it they do the same in JavaScript.
const compiledHere = new Set(['cpu-features'])
const loaded = new Set(['.js', '.cjs', '.mjs', '.json', '.node', '.proto'])
const isLicence = (name) => /^(licen[cs]es?|copying|notice)([.-]|$)/i.test(name)
const notOfRunTime =
  /(^|\/)((bench|tests?|docs?|examples?|scripts?|types|bin|build\/Release|\.[^/]+)\/|(test|gulpfile)[^/]*\.js$)/i

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))

/**
 * Puts the files of the program into `folder` as they are to lie in app.asar: the build without its source maps, the
 * resources that it reads, the packages that it loads, a package.json with no more than Electron reads. Answers the
 * packages' folders, say `node_modules/libsql`. Fails with Stop where the build asks for a package that is not there.
 */
export function stageProgram(folder, target) {
  const about = readJson(join(root, 'package.json'))
  const built = join(root, 'out/app')
  if (!existsSync(join(root, about.main))) throw new Stop('the program is not built: npm run build')
  mkdirSync(folder, { recursive: true })
  cpSync(built, join(folder, 'out/app'), {
    recursive: true,
    filter: (file) => !file.endsWith('.map') && !basename(file).startsWith('.'),
  })
  mkdirSync(join(folder, 'resources'))
  cpSync(join(root, 'resources/icon.png'), join(folder, 'resources/icon.png'))
  const { name, productName, version, description, license, main } = about
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, productName, version, description, license, main }),
  )
  const places = closure(packagesAskedFor(built, Object.keys(about.dependencies)), target)
  for (const place of places) copyPackage(place, folder, target)
  return places
}

/** The dependencies that the bundle leaves outside: the build itself says which. */
function packagesAskedFor(built, dependencies) {
  const text = ['main', 'preload']
    .flatMap((part) =>
      readdirSync(join(built, part), { recursive: true }).map((file) => join(built, part, file)),
    )
    .filter((file) => file.endsWith('.cjs'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const calls = /\b(?:(?:require|import|resolve)|createRequire\)?\(.*?\.href\))\(\s*["'`]([^"'`]+)["'`]\s*\)/g
  const asked = new Set([...text.matchAll(calls)].map(([, name]) => name))
  return dependencies.filter((name) => asked.has(name))
}

/** The folders below node_modules, from the root, of packages and all that they load on the target, sorted. */
function closure(names, target) {
  const lock = readJson(join(root, 'package-lock.json')).packages
  const found = new Set()
  const add = (from, name, optional) => {
    if (neverLoaded.has(name) || compiledHere.has(name)) return
    const place = placeOf(lock, from, name)
    const fits = place !== null && isFor(lock[place], name, target)
    if (fits && existsSync(join(root, place))) {
      if (found.has(place)) return
      found.add(place)
      for (const next of Object.keys(lock[place].dependencies ?? {})) add(place, next, false)
      for (const next of Object.keys(lock[place].optionalDependencies ?? {})) add(place, next, true)
    } else if (!optional) throw new Stop(`${name}, which ${from || 'the program'} loads, is not installed`)
  }
  for (const name of names) add('', name, false)
  return [...found].sort()
}

// As Node looks for it: beside the asking package's own, then one folder up, and so on.
function placeOf(lock, from, name) {
  const place = `${from ? `${from}/` : ''}node_modules/${name}`
  if (lock[place] !== undefined) return place
  if (from === '') return null
  return placeOf(lock, from.slice(0, Math.max(from.lastIndexOf('/node_modules/'), 0)), name)
}

// Electron is built against glibc.
const isFor = ({ os, cpu }, name, { platform, arch }) =>
  (os?.includes(platform) ?? true) && (cpu?.includes(arch) ?? true) && !name.endsWith('-musl')

function copyPackage(place, folder, { platform, arch }) {
  const from = join(root, place)
  const native = `prebuilds/${platform}-${arch}/`
  for (const file of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const path = relative(from, join(file.parentPath ?? file.path, file.name))
      .split(sep)
      .join('/')
    const wanted = loaded.has(extname(path)) ? !notOfRunTime.test(path) : isLicence(basename(path))
    if (!wanted || path.startsWith('node_modules/')) continue
    if (path.startsWith('prebuilds/') && !path.startsWith(native)) continue
    const to = join(folder, place, path)
    mkdirSync(dirname(to), { recursive: true })
    if (basename(path) === 'package.json') writeFileSync(to, JSON.stringify(bare(readJson(join(from, path)))))
    else cpSync(join(from, path), to)
  }
}

// What Node reads of a package, and whose it is; the rest names scripts, tests and developers.
const bare = ({ name, version, license, main, exports, imports, type }) => ({
  ...{ name, version, license, main, exports, imports, type },
})
