import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@shared/error'
import type { JobResult, Progress, PushRequest } from '@shared/job'
import { createPushRunner } from '../../../electron/jobs/push'
import { TemporaryReferences } from '../../../electron/jobs/temporary-references'
import { silentLog } from '../../../electron/log'
import { FakeEngine } from './fake-engine'
import { FakeRegistry } from './fake-registry'
import { imageId, pushOf } from './samples'
import { waitFor } from '../../support/wait'

const name = 'registry.example.com/727524/nginx:v1'
let registry: FakeRegistry
let engine: FakeEngine
let phases: string[]
let pushed: string[]
let reports: string[]
let cancel: AbortController

function run(request: PushRequest): Promise<JobResult> {
  const journal = {
    temporaryReferences: () => [],
    noteTemporary: () => undefined,
    dropTemporary: () => undefined,
  }
  const runner = createPushRunner({
    registries: registry.access((_id, outcome) => reports.push(outcome.ok ? 'ok' : outcome.error.code)),
    engine,
    temporaries: new TemporaryReferences({ journal, engine, log: silentLog }),
    onPushed: (_id, repository) => pushed.push(repository),
    verifyPauses: [0, 0],
    patience: 10,
  })
  return runner(request, {
    id: 'job',
    signal: cancel.signal,
    report: (progress: Progress) => phases.push(progress.phase),
    log: () => undefined,
  })
}

beforeEach(() => {
  registry = new FakeRegistry()
  engine = new FakeEngine()
  engine.add(imageId, ['nginx:1.25'])
  engine.onPush = () => Promise.resolve({ digest: registry.seed({ from: 'engine' }, 'v1') })
  phases = []
  pushed = []
  reports = []
  cancel = new AbortController()
})

describe('push', () => {
  it('pushes under a temporary name and succeeds when the registry answers the digest', async () => {
    let during: string[] = []
    const push = engine.onPush
    engine.onPush = (options) => {
      during = engine.names(imageId)
      expect(options.reference).toBe(name)
      return push(options)
    }
    const result = await run(pushOf())
    expect(result).toEqual({ digest: registry.tags.get('v1'), references: [name] })
    expect(during).toContain(name)
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
    expect(phases).toEqual(['preparing', 'tagging', 'pushing', 'verifying', 'cleaning'])
    expect(pushed).toEqual(['727524/nginx'])
    expect(reports).not.toContain('NOT_VERIFIED')
  })

  it('covers a tag only with the user’s word for that very digest', async () => {
    const there = registry.seed({ from: 'somebody' }, 'v1')
    await expect(run(pushOf())).rejects.toMatchObject({
      code: 'TAG_EXISTS',
      context: { digest: there, tag: 'v1' },
    })
    const stale = pushOf({ replaces: `sha256:${'0'.repeat(64)}` })
    await expect(run(stale)).rejects.toMatchObject({ code: 'TAG_CHANGED', context: { digest: there } })
    expect(registry.tags.get('v1')).toBe(there)
    const { digest } = await run(pushOf({ replaces: there }))
    expect(registry.tags.get('v1')).toBe(digest)
    expect(digest).not.toBe(there)
  })

  it('has nothing to do when the tag names this very image', async () => {
    const there = registry.seed({ from: 'us' }, 'v1')
    const manifest = await registry.fetchManifest('', there)
    const config = manifest.content.kind === 'manifest' ? manifest.content.manifest.config.digest : ''
    engine.add(config, ['nginx:1.25'])
    engine.onPush = () => Promise.reject(new Error('not to be called'))
    await expect(run(pushOf({ imageId: config }))).resolves.toEqual({ digest: there, references: [name] })
  })

  it('fails when the registry does not answer the digest that was pushed', async () => {
    engine.onPush = () => Promise.resolve({ digest: `sha256:${'9'.repeat(64)}` })
    await expect(run(pushOf())).rejects.toMatchObject({ code: 'NOT_VERIFIED', context: { reference: name } })
    registry.seed({ from: 'a third party' }, 'v1')
    const replaces = registry.tags.get('v1') ?? null
    await expect(run(pushOf({ replaces }))).rejects.toMatchObject({ code: 'NOT_VERIFIED' })
  })

  it('waits for a registry that shows a tag a moment later', async () => {
    let asked = 0
    const digest = registry.seed({ from: 'engine' })
    engine.onPush = () => {
      const head = registry.headManifest.bind(registry)
      registry.headManifest = (repository, reference) => {
        asked += 1
        if (asked === 2) registry.tags.set('v1', digest)
        return head(repository, reference)
      }
      return Promise.resolve({ digest })
    }
    await expect(run(pushOf())).resolves.toMatchObject({ digest })
    expect(asked).toBe(2)
  })

  it('takes the temporary name away after a failure and says where it failed', async () => {
    engine.onPush = () => Promise.reject(new AppError('ENGINE_UNTRUSTED_REGISTRY', { side: 'engine' }))
    await expect(run(pushOf())).rejects.toMatchObject({
      code: 'ENGINE_UNTRUSTED_REGISTRY',
      context: { host: 'registry.example.com', reference: name, registryId: 'r' },
    })
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
    expect(pushed).toEqual([])
  })

  it('ends when it is cancelled, and leaves no name behind', async () => {
    engine.onPush = ({ signal }) =>
      new Promise((_done, fail) => {
        signal.addEventListener('abort', () => fail(new AppError('CANCELLED', { side: 'engine' })))
        cancel.abort()
      })
    await expect(run(pushOf())).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
  })

  it.each(['inspectImage', 'imageIdOf', 'tagImage', 'removeReference'] as const)(
    'ends when it is cancelled while the engine hangs in %s, and leaves no name once it answers',
    async (method) => {
      const call = engine[method].bind(engine) as (...input: string[]) => Promise<never>
      let goOn = (): void => undefined
      const hanging = new Promise<void>((done) => (goOn = done))
      const hangs = new Promise<void>((done) => {
        const hang = async (...input: string[]): Promise<never> => {
          done()
          await hanging
          return call(...input)
        }
        Object.assign(engine, { [method]: hang })
      })
      const result = run(pushOf())
      await hangs
      cancel.abort()
      // What is hung in behind the push does not undo that it was done.
      if (method === 'removeReference') await expect(result).resolves.toMatchObject({ references: [name] })
      else await expect(result).rejects.toMatchObject({ code: 'CANCELLED' })
      goOn()
      await waitFor(() => expect(engine.names(imageId)).toEqual(['nginx:1.25']))
    },
  )

  it('waits for an engine that is just being connected', async () => {
    engine.become({ status: 'connecting' })
    const result = run(pushOf())
    await Promise.resolve()
    engine.become({ status: 'connected' })
    await expect(result).resolves.toMatchObject({ references: [name] })
  })
})
