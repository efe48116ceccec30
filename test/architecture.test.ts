/** Holds the tree to its design: import directions, file sizes and names, and a contract that both sides use. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { calls, events } from '@shared/contract'
import { errorCodes } from '@shared/error'

const root = resolve(import.meta.dirname, '..')
const sourceFolders = ['shared', 'electron', 'renderer', 'test']

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return /\.(ts|vue|mjs|mts|cjs)$/.test(entry.name) ? [path] : []
  })
}

const files = sourceFolders.flatMap((folder) => filesBelow(join(root, folder)))
const textOf = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))
const name = (file: string): string => relative(root, file)

/** What a file imports, as paths from the root for our own files and as written for packages. */
function importsOf(file: string): string[] {
  const found = [...(textOf.get(file) ?? '').matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)]
  return found.map(([, target = '']) => {
    if (target.startsWith('@shared/')) return target.replace('@shared/', 'shared/')
    if (target.startsWith('@/')) return target.replace('@/', 'renderer/')
    return target.startsWith('.') ? relative(root, resolve(dirname(file), target)) : target
  })
}

const own = (folder: string): string[] => files.filter((file) => name(file).startsWith(`${folder}/`))
const ownFolders = new Set(sourceFolders)
const isOwn = (target: string): boolean => ownFolders.has(target.split('/')[0] ?? '')

/** Folders of electron/ and what else in electron/ each may import; `log` and `veil` are open to all. */
const directions: Record<string, string[]> = {
  registry: [],
  engine: [],
  cache: [],
  credentials: [],
  store: [],
  archive: [],
  deploy: ['engine', 'registry', 'store', 'credentials'],
  registries: ['registry', 'credentials', 'store', 'engine'],
  browse: ['registry', 'cache', 'registries'],
  jobs: ['deploy', 'registry', 'engine', 'archive', 'cache', 'registries', 'browse'],
  handlers: ['deploy', 'registry', 'engine', 'registries', 'browse', 'jobs', 'store', 'credentials', 'page'],
}

describe('import directions', () => {
  it('shared imports nothing of the other parts, and no package but zod', () => {
    const wrong = own('shared').flatMap((file) =>
      importsOf(file)
        .filter((target) => !target.startsWith('shared/') && target !== 'zod')
        .map((target) => `${name(file)} -> ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it.each([
    ['renderer', ['renderer', 'shared']],
    ['electron', ['electron', 'shared']],
  ])('%s imports only itself and shared', (folder, allowed) => {
    const wrong = own(folder).flatMap((file) =>
      importsOf(file)
        .filter((target) => isOwn(target) && !allowed.includes(target.split('/')[0] ?? ''))
        .map((target) => `${name(file)} -> ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it('folders of main follow their order', () => {
    const wrong = own('electron').flatMap((file) => {
      const folder = name(file).split('/')[1] ?? ''
      const allowed = directions[folder]
      if (!allowed) return []
      return importsOf(file)
        .filter((target) => target.startsWith('electron/'))
        .filter((target) => ![folder, 'log', 'veil', ...allowed].includes(target.split('/')[1] ?? ''))
        .map((target) => `${name(file)} -> ${target}`)
    })
    expect(wrong).toEqual([])
  })

  it('every folder of main has its place in that order', () => {
    const folders = own('electron')
      .map((file) => name(file).split('/').slice(1))
      .filter((parts) => parts.length > 1)
      .map((parts) => parts[0])
    expect([...new Set(folders)].filter((folder) => !directions[folder ?? ''])).toEqual([])
  })

  it('only what needs Electron imports it', () => {
    const users = own('electron').filter((file) => importsOf(file).includes('electron'))
    expect(users.map(name).sort()).toEqual([
      'electron/gate.ts',
      'electron/ipc.ts',
      'electron/main.ts',
      'electron/preload.ts',
      'electron/program.ts',
      'electron/window.ts',
    ])
  })

  it('views and components never touch the bridge', () => {
    const wrong = files
      .filter((file) => /^renderer\/(views|components)\//.test(name(file)))
      .filter((file) => importsOf(file).includes('renderer/api'))
    expect(wrong.map(name)).toEqual([])
  })
})

describe('files', () => {
  it('over 300 lines say why in their first lines', () => {
    const long = files.filter((file) => {
      const text = textOf.get(file) ?? ''
      return text.split('\n').length > 300 && !/Long because/.test(text.slice(0, 1000))
    })
    expect(long.map(name)).toEqual([])
  })

  it('are kebab-case nouns, components PascalCase', () => {
    const wrong = files.filter((file) => {
      const base = file.split('/').at(-1) ?? ''
      if (file.endsWith('.vue')) return !/^[A-Z][A-Za-z]+\.vue$/.test(base)
      return !/^(use[A-Z][A-Za-z]+|App|[A-Z][A-Za-z]+\.test|[a-z0-9]+(-[a-z0-9]+)*|zh-CN)(\.[a-z0-9-]+)*$/.test(
        base.replace(/\.(ts|mjs|mts|cjs)$/, ''),
      )
    })
    expect(wrong.map(name)).toEqual([])
  })

  it('are not called after what everything is', () => {
    expect(files.map(name).filter((file) => /(utils?|helpers?|manager|common|misc)\b/i.test(file))).toEqual(
      [],
    )
  })

  it('of a test mirror a source file', () => {
    const tests = files
      .map(name)
      .filter((file) => /^test\/(shared|electron|renderer)\/.*\.test\.ts$/.test(file))
    const lost = tests.filter((file) => {
      const source = file.replace(/^test\//, '').replace(/(\.integration)?\.test\.ts$/, '')
      return !['.ts', '.vue', ''].some((extension) => existsSync(join(root, source + extension)))
    })
    expect(lost).toEqual([])
  })
})

describe('the contract', () => {
  const text = (folder: string): string =>
    own(folder)
      .map((file) => textOf.get(file))
      .join('\n')

  it('has a user in the window for every call and every event', () => {
    const renderer = text('renderer')
    const unused = [...Object.keys(calls), ...Object.keys(events)].filter(
      (key) => !renderer.includes(`'${key}'`),
    )
    expect(unused).toEqual([])
  })

  it('has a source in main for every event', () => {
    const main = text('electron')
    expect(Object.keys(events).filter((key) => !main.includes(`'${key}'`))).toEqual([])
  })

  it('has a maker in main for every error that is not the window’s own', () => {
    const main = text('electron')
    expect(errorCodes.filter((code) => !main.includes(code))).toEqual([])
  })
})

it('the top level is what was agreed', () => {
  const folders = readdirSync(root).filter(
    (entry) => statSync(join(root, entry)).isDirectory() && !entry.startsWith('.'),
  )
  expect(folders.filter((entry) => !['node_modules', 'out'].includes(entry)).sort()).toEqual([
    'electron',
    'renderer',
    'resources',
    'shared',
    'test',
  ])
})
