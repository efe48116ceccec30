// Long because each file needs its own inputs and its own promise.
/** What is read from this machine: settings, journals, docker's configuration, addresses of engines and pages, pasted lines. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join, sep } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { defaultSettings, Settings } from '@shared/settings'
import { findDockerLogin } from '../../../electron/credentials/docker-login'
import { discoverTargets } from '../../../electron/engine/discovery'
import { sshArguments } from '../../../electron/engine/ssh'
import { parseAddress } from '../../../electron/engine/target'
import { JobJournal } from '../../../electron/jobs/job-journal'
import { createLog, redact, silentLog } from '../../../electron/log'
import { externalUrl, fileOf, isOwnPage } from '../../../electron/page'
import { PlacesStore } from '../../../electron/store/places'
import { RegistryStore, StoredRegistry } from '../../../electron/store/registries'
import { SettingsStore } from '../../../electron/store/settings'
import { fitPlace, WindowPlace } from '../../../electron/window-place'
import { commandWords } from '../../../renderer/command-words'
import { environmentLines } from '../../../renderer/environment-lines'
import { piecesOf, wordsOf } from '../../../renderer/highlight'
import { shellWords } from '../../../renderer/shell-words'
import { parseNumber } from '../../../renderer/typed-number'
import { later, leaked, lost, outcome, property, taken, type Surface } from './surface'
import { anyJson, anyText, bent, bentBytes, bentText, long, soup } from './texts'

const registry = {
  ...{
    id: 'r1',
    name: 'r',
    host: 'a.example',
    protocol: 'https',
    preset: 'other',
    trust: { kind: 'system' },
  },
  ...{
    publicRole: { namespace: '' },
    privateRole: null,
    accounts: [],
    activeAccountId: null,
    confirmedRealms: [],
  },
}
const place = { registryId: 'r1', section: 'public', repository: 'a/b', reference: null }
const stored = {
  'settings.json': defaultSettings,
  'registries.json': { version: 1, registries: [registry], unforgotten: [] },
  'places.json': { version: 1, pins: [place], recent: [{ ...place, visitedAt: 1 }] },
}
const contents = (value: unknown): fc.Arbitrary<Buffer> => {
  const text = JSON.stringify(value)
  return fc.oneof(
    bent(fc.constant(value)).map((one) => Buffer.from(JSON.stringify(one) ?? '')),
    bentBytes(fc.constant(Buffer.from(text))),
    fc.constantFrom('', '{', '[]', 'null', '{"version":2}', text).map((one) => Buffer.from(one)),
  )
}
const line = (key: string, word: string | null): string => {
  const text = JSON.stringify([key, word])
  return `${createHash('sha256').update(text).digest('hex').slice(0, 32)} ${text}`
}
const docker = {
  auths: { 'a.example': { auth: Buffer.from('user:c4n4ry-p4ss').toString('base64') } },
  credHelpers: { 'b.example': 'one' },
  credsStore: 'two',
  currentContext: 'c',
}
const meta = { Name: 'c', Endpoints: { docker: { Host: 'unix:///x.sock', SkipTLSVerify: false } } }
const address = soup(
  'unix://',
  'tcp://',
  'ssh://',
  'npipe://',
  'https://',
  '/x',
  'a.example',
  ':22',
  '@',
  '-oProxyCommand=x',
  'user',
  '[::1]',
  ' ',
  '%20',
  '?',
  '#',
)
const page = soup(
  'slipway://',
  'app',
  '/',
  '..',
  '%2e',
  '%2f',
  '%5c',
  '\\',
  'index.html',
  'assets/',
  '.js',
  '%00',
  '?x',
  '#y',
  '@evil',
  ':80',
  'SLIPWAY:',
  '%',
)

export function files(): Surface {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
  const fresh = (): void => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
  }
  return {
    name: 'files',
    close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    properties: [
      ...Object.entries(stored).map(([name, value]) =>
        property(
          `${name} and its copy`,
          fc.tuple(contents(value), fc.option(contents(value), { nil: null })),
          ([own, copy]) => {
            fresh()
            writeFileSync(join(folder, name), own)
            if (copy) writeFileSync(join(folder, `${name}.bak`), copy)
            if (!Settings.safeParse(new SettingsStore(folder, silentLog).read()).success) taken('settings')
            const registries = new RegistryStore(folder, silentLog)
            if (registries.list().some((one) => !StoredRegistry.safeParse(one).success)) taken('a registry')
            new PlacesStore(folder, silentLog).read()
            // What was not understood is still there.
            const kept = readdirSync(folder).filter(
              (one) => one === name || one.startsWith(`${name}.broken-`),
            )
            if (kept.length !== 1) lost(readdirSync(folder).join(' '))
          },
        ),
      ),
      property(
        'the journal of jobs',
        fc.tuple(
          fc.array(
            fc.oneof(
              fc.tuple(anyText, fc.option(anyText, { nil: null })).map(([key, word]) => line(key, word)),
              anyText,
              anyText.map(
                (text) => `${createHash('sha256').update(text).digest('hex').slice(0, 32)} ${text}`,
              ),
            ),
            { maxLength: 6 },
          ),
          fc.option(fc.nat(), { nil: null }),
        ),
        ([all, flip]) => {
          fresh()
          const file = join(folder, 'jobs.journal')
          const bytes = Buffer.from(all.join('\n'))
          if (flip !== null && bytes.length > 0) {
            const at = flip % bytes.length
            bytes[at] = (bytes[at] ?? 0) ^ (1 << (flip % 8))
          }
          writeFileSync(file, bytes)
          const journal = new JobJournal(file, silentLog)
          const words = journal.read()
          for (const [key, word] of words)
            if (typeof key !== 'string' || typeof word !== 'string') taken('no word')
          journal.note('k', 'w')
          if (journal.read().get('k') !== 'w') lost('a word that was noted')
          journal.rewrite(words)
          if (!isDeepStrictEqual(journal.read(), words)) lost('a word that was written anew')
        },
      ),
      property(
        'docker’s own configuration',
        fc.tuple(
          contents(docker),
          contents(meta),
          fc.constantFrom('a.example', 'b.example', 'docker.io'),
          fc.oneof(
            anyJson.map((json) => JSON.stringify(json) ?? ''),
            fc.constant('{"Username":"u","Secret":"c4n4ry-p4ss"}'),
            anyText,
          ),
        ),
        async ([config, context, host, output]) => {
          fresh()
          const at = join(folder, '.docker/contexts/meta', createHash('sha256').update('c').digest('hex'))
          mkdirSync(at, { recursive: true })
          writeFileSync(join(folder, '.docker/config.json'), config)
          writeFileSync(join(at, 'meta.json'), context)
          const found = await later(() =>
            findDockerLogin(host, { environment: {}, home: folder, ask: () => Promise.resolve(output) }),
          )
          if ('error' in found && JSON.stringify(found.error.toInfo()).includes('c4n4ry'))
            leaked('a password')
          if ('value' in found && found.value && !(found.value.username && found.value.password))
            taken('half an account')
          const targets = discoverTargets({
            environment: {},
            home: folder,
            platform: 'linux',
            uid: 0,
            exists: () => true,
          })
          if (targets.some(({ endpoint }) => typeof endpoint.host !== 'string')) taken('no host')
        },
      ),
      property(
        'an engine’s address',
        fc.tuple(fc.oneof(address, anyText, long('a', '-', ':')), fc.boolean()),
        ([text, secure]) => {
          const found = outcome(() => parseAddress(text, secure))
          if ('error' in found || found.value.kind !== 'ssh') return
          const { user, hostname, port } = found.value
          if ([user, hostname].some((word) => word?.startsWith('-') || /[\s'"`$;|&<>]/.test(word ?? '')))
            taken(text)
          if (port !== null && !(port >= 1 && port <= 65_535)) taken(`${port}`)
          const words = sshArguments(found.value, null, 'docker system dial-stdio')
          if (words.indexOf('--') !== words.length - 3) taken(words.join(' '))
        },
      ),
      property(
        'a page’s address',
        fc.oneof(page, bentText(fc.constant('slipway://app/assets/index.js')), anyText),
        (url) => {
          const file = fileOf('/srv/page', url)
          if (
            file !== null &&
            !(
              file.startsWith(`/srv/page${sep}`) &&
              !file.includes('..') &&
              !file.includes('\0') &&
              extname(file) !== ''
            )
          )
            leaked(file)
          if (file !== null && !isOwnPage(url)) taken(url)
          const outside = externalUrl(url)
          if (outside !== null && !/^https?:\/\/[^@/]*(\/|$)/.test(outside)) taken(outside)
        },
      ),
      property(
        'lines of an environment',
        fc.oneof(
          soup('A', '=', 'export ', '"', "'", '\\n', '\n', '\r\n', '#', ' ', '__proto__'),
          anyText,
          long('A=1\n', ' ', 'export ', '"'),
        ),
        (text) => {
          for (const { name, value } of environmentLines(text) ?? [])
            if (name === '' || /[=\s]/.test(name) || value.length > text.length) taken(name)
        },
      ),
      property(
        'written lines are read back',
        fc.array(
          fc.tuple(
            fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/),
            fc.stringMatching(/^[\x21-\x7e]{0,12}$/).filter((text) => !/^["']/.test(text)),
          ),
          { minLength: 1, maxLength: 5 },
        ),
        (all) => {
          const read = environmentLines(all.map(([name, value]) => `${name}=${value}`).join('\n'))
          if (
            !isDeepStrictEqual(
              read,
              all.map(([name, value]) => ({ name, value })),
            )
          )
            lost(JSON.stringify(read))
        },
      ),
      property(
        'words of a command are read back',
        fc.array(anyText, { minLength: 1, maxLength: 5 }),
        (words) => {
          if (!isDeepStrictEqual(commandWords(shellWords(words)), words)) lost(shellWords(words))
        },
      ),
      property('what is typed', fc.oneof(anyText, soup('1', '.', ',', '-', 'e', ' ', '，')), (text) => {
        const number = parseNumber(text)
        if (number !== null && !Number.isNaN(number) && !Number.isFinite(number) && text.length < 300)
          taken(text)
        commandWords(text)
        const pieces = piecesOf(text, wordsOf(text.slice(0, 3)))
        if (pieces.map((piece) => piece.text).join('') !== text) lost(JSON.stringify(pieces))
      }),
      property(
        'a window’s place',
        bent(fc.constant({ x: 1, y: 2, width: 800, height: 600, maximized: false })),
        (value) => {
          const read = WindowPlace.safeParse(JSON.parse(JSON.stringify(value) ?? 'null'))
          if (!read.success) return
          const fitted = fitPlace(read.data, [{ x: 0, y: 0, width: 1280, height: 800 }])
          if (fitted.width > 1280 || fitted.height > 800) taken(JSON.stringify(fitted))
        },
      ),
      property('anything may be logged, and no secret of it', fc.tuple(anyJson, anyText), ([value, text]) => {
        const lines: string[] = []
        const log = createLog((one: string) => void lines.push(one))
        log.warn(text, { value, password: 'c4n4ry-p4ss', error: new Error(`Bearer c4n4ry ${text}`) })
        redact(value)
        if (lines.join('').includes('c4n4ry')) leaked(lines.join(''))
        if (lines.some((one) => one.trimEnd().includes('\n'))) leaked('two lines')
      }),
    ],
  }
}
