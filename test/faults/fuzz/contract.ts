/** Every call of the contract, with anything that a window can send, answered by the program's own services without a window. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { calls, events, type CallName, type Emit } from '@shared/contract'
import { AppError, ErrorInfo } from '@shared/error'
import { allHandlers } from '../../../electron/all-handlers'
import { answer } from '../../../electron/ipc'
import { silentLog } from '../../../electron/log'
import { createServices } from '../../../electron/services'
import { SettingsStore } from '../../../electron/store/settings'
import { MemoryKeychain } from '../../electron/credentials/memory-keychain'
import { inputsOf, type Known } from './schema-inputs'
import { leaked, lost, property, type Surface } from './surface'
import { anyText, bent, long } from './texts'

const names = Object.keys(calls) as CallName[]
/** They go out to whatever host the input names; that is the matter of other experiments. */
const outside = new Set<CallName>([
  'registry:probe',
  'registry:inspect-certificate',
  'pool:test',
  'pool:add',
  'pool:change',
  'app:info',
])
/** Codes that say that the program itself is at fault. */
const ownFaults = new Set(['INTERNAL'])

const sum = `sha256:${'ab'.repeat(32)}`
const from = (...values: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: anyText })

const known = (folder: string, ids: string[]): Known => ({
  ...{ registryId: from(...ids), id: from(...ids, 'auto'), poolId: from('p1', 'local') },
  // Nobody listens at port 1.
  host: fc.constantFrom('127.0.0.1:1', 'localhost:1', '[::1]:1'),
  ...{
    repository: from('a/b', 'library/nginx', '..', 'A'),
    names: from('a/b'),
    tag: from('v1', 'latest', '-'),
    tags: from('v1'),
  },
  ...{
    digest: from(sum),
    replaces: from(sum),
    reference: from('v1', sum, 'a.example/b:c'),
    namespace: from('a', ''),
  },
  ...{
    path: from(join(folder, 'none.tar'), folder, '/dev/null', '/data'),
    name: from('web', 'a.txt'),
    url: from('https://a.example/', 'file:///etc/passwd', 'javascript:1'),
  },
  ...{
    image: fc.constantFrom(0, 1),
    protocol: from('tcp'),
    mode: from('0644'),
    content: anyText,
    platform: from('linux/amd64'),
  },
})

/** What a window can send besides JSON: the values of a structured clone. */
const cloneable: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: false,
  }),
  fc.constantFrom<unknown>(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -0,
    10n ** 40n,
    new Date(Number.NaN),
    /a+/g,
    new Error('x'),
    new Uint8Array(1_000_000),
    Array.from({ length: 100_000 }, () => 'x'),
  ),
  fc.constant(null).map(() => {
    const circle: Record<string, unknown> = { id: 'x' }
    circle.self = circle
    circle.spec = [circle]
    return circle
  }),
  long('a', '/', ':', '\0'),
  fc
    .dictionary(fc.constantFrom('__proto__', 'constructor', 'id', 'kind', 'toString', 'length'), anyText)
    .map((table) => JSON.parse(JSON.stringify(table)) as unknown),
)

export async function contract(): Promise<Surface> {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  const uncaught: unknown[] = []
  const note = (error: unknown): void => void uncaught.push(error)
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
  const emit: Emit = (name, payload) => {
    const parsed = events[name].safeParse(payload)
    if (!parsed.success) uncaught.push(new Error(`${name}: ${parsed.error.message}`))
  }
  const services = createServices({
    ...{
      folder: data,
      home: folder,
      environment: { DOCKER_HOST: `unix://${folder}/none.sock` },
      platform: process.platform,
    },
    ...{
      keychain: new MemoryKeychain(),
      settings: new SettingsStore(data, silentLog),
      writeClipboard: () => {},
      emit,
      log: silentLog,
    },
  })
  const closed = (): Promise<null> => Promise.resolve(null)
  const real = allHandlers({
    ...{
      services,
      emit,
      applySettings: () => {},
      choosePem: closed,
      chooseArchives: () => Promise.resolve([]),
    },
    dialogs: { choosePath: closed, chooseSave: closed, openText: closed },
    app: {
      info: () => Promise.reject(new AppError('CANCELLED')),
      openExternal: () => Promise.resolve(),
      writeClipboard: () => {},
    },
  })
  const stay = (): Promise<never> => Promise.reject(new AppError('CANCELLED'))
  const handlers = { ...real, ...Object.fromEntries([...outside].map((name) => [name, stay])) } as typeof real
  const draft = {
    name: 'r',
    host: '127.0.0.1:1',
    protocol: 'http',
    preset: 'other',
    trust: { kind: 'system' },
  } as const
  const added = await services.registries.add({ ...draft, publicRole: { namespace: '' }, privateRole: null })
  const ids = ['r1', added.id]
  let count = 0

  let stack = ''
  const log = {
    ...silentLog,
    error: (_words: string, fields?: Record<string, unknown>) => void (stack = String(fields?.stack)),
  }

  /** Answers, and looks at what came: a value or an error of the contract, within its bounds, and nothing beside it. */
  async function ask(name: CallName, input: unknown): Promise<boolean> {
    const result = await answer(name, input, { handlers, strict: true, log })
    if (!result.ok) {
      if (!ErrorInfo.safeParse(result.error).success) lost(`${name}: an error that is none`)
      if (ownFaults.has(result.error.code)) lost(`${name}: ${stack}`)
      if (JSON.stringify(result.error).length > 20_000) leaked(`${name}: an error without end`)
    }
    if (uncaught.length > 0)
      lost(`${name}: ${String(uncaught.splice(0).map((error) => (error as Error).stack ?? error))}`)
    // What the inputs add is taken away again, so that the ten-thousandth run is as the first.
    count += 1
    if (count % 50 === 0) {
      for (const { id } of services.registries.snapshot().registries)
        if (id !== added.id) await services.registries.remove(id)
      await answer('job:forget-ended', undefined, { handlers, strict: true, log: silentLog })
    }
    if (readdirSync(folder).some((one) => one !== 'data')) leaked(readdirSync(folder).join(' '))
    return result.ok || result.error.code !== 'INPUT_INVALID'
  }

  const call = fc.constantFrom(...names)
  const shaped = call.chain((name) =>
    inputsOf(calls[name].input, known(folder, ids)).map((input) => ({ name, input })),
  )
  let reached = 0
  let tried = 0
  return {
    name: 'contract',
    async close() {
      await services.stop()
      process.off('uncaughtException', note)
      process.off('unhandledRejection', note)
      rmSync(folder, { recursive: true, force: true })
    },
    properties: [
      property('inputs of the right form', shaped, async ({ name, input }) => {
        tried += 1
        if (await ask(name, input)) reached += 1
        // A walker whose inputs are all refused would prove nothing.
        if (tried > 200 && reached < tried / 4)
          throw new Error(`only ${reached} of ${tried} inputs were taken`)
      }),
      property(
        'inputs with a place that is broken',
        call.chain((name) =>
          bent(inputsOf(calls[name].input, known(folder, ids)), cloneable).map((input) => ({ name, input })),
        ),
        async ({ name, input }) => void (await ask(name, input)),
      ),
      property(
        'any value',
        fc.tuple(call, cloneable),
        async ([name, input]) => void (await ask(name, input)),
      ),
      property(
        'names that are none',
        fc.tuple(fc.oneof(anyText, cloneable), cloneable),
        async ([name, input]) => {
          const result = await answer(name, input, { handlers, strict: true, log: silentLog })
          if (result.ok && !names.includes(name as CallName)) lost('a call that does not exist')
        },
      ),
    ],
  }
}
