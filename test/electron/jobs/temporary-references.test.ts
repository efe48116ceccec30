import { beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '@shared/error'
import type { TemporaryReference } from '../../../electron/jobs/job-table'
import { TemporaryReferences } from '../../../electron/jobs/temporary-references'
import { silentLog } from '../../../electron/log'
import { FakeEngine } from './fake-engine'
import { imageId } from './samples'
import { waitFor } from '../../support/wait'

const other = `sha256:${'2'.repeat(64)}`
const repository = 'registry.example.com/727524/nginx'
const name = `${repository}:v1`
const going = new AbortController().signal
let notes: TemporaryReference[]
let engine: FakeEngine
const same = (a: TemporaryReference, b: TemporaryReference): boolean =>
  a.endpoint === b.endpoint && a.tag === b.tag

function makeReferences(): TemporaryReferences {
  const journal = {
    temporaryReferences: () => [...notes],
    noteTemporary: (note: TemporaryReference) =>
      void (notes = [...notes.filter((one) => !same(one, note)), note]),
    dropTemporary: (note: TemporaryReference) => void (notes = notes.filter((one) => !same(one, note))),
  }
  return new TemporaryReferences({ journal, engine, log: silentLog, pauses: [1, 1] })
}

beforeEach(() => {
  notes = []
  engine = new FakeEngine()
  engine.add(imageId, ['nginx:1.25'])
})

describe('TemporaryReferences', () => {
  it('gives a name, on record, and takes it away again', async () => {
    const giveBack = await makeReferences().take(repository, 'v1', imageId, going)
    expect(engine.names(imageId)).toEqual(['nginx:1.25', name])
    expect(notes).toHaveLength(1)
    await giveBack()
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
    expect(notes).toEqual([])
  })

  it('gives what was cancelled while the engine hung back before the next one has its turn', async () => {
    const references = makeReferences()
    let goOn = (): void => undefined
    const hanging = new Promise<void>((done) => (goOn = done))
    const tagImage = engine.tagImage.bind(engine)
    engine.tagImage = async (...input) => {
      await hanging
      return tagImage(...input)
    }
    const cancelling = new AbortController()
    const first = references.take(repository, 'v1', imageId, cancelling.signal)
    cancelling.abort()
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
    const second = references.take(repository, 'v1', imageId, going)
    goOn()
    const giveBack = await second
    await new Promise((done) => setImmediate(done))
    expect(engine.names(imageId)).toContain(name)
    await giveBack()
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
    expect(notes).toEqual([])
  })

  it('gives a name back to the image that had it', async () => {
    engine.add(other, [name])
    const giveBack = await makeReferences().take(repository, 'v1', imageId, going)
    expect(engine.names(other)).toEqual([])
    await giveBack()
    expect(engine.names(other)).toEqual([name])
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
  })

  it('leaves a name that the image had before', async () => {
    engine.add(imageId, ['nginx:1.25', name])
    const giveBack = await makeReferences().take(repository, 'v1', imageId, going)
    await giveBack()
    expect(engine.names(imageId)).toEqual(['nginx:1.25', name])
  })

  it('leaves the only name of an image that had none, since the image would go with it', async () => {
    engine.add(imageId)
    const giveBack = await makeReferences().take(repository, 'v1', imageId, going)
    expect(await giveBack()).toMatch(/only name/)
    expect(engine.names(imageId)).toEqual([name])
    expect(notes).toEqual([])
  })

  it('leaves a name that somebody moved meanwhile', async () => {
    engine.add(other)
    const giveBack = await makeReferences().take(repository, 'v1', imageId, going)
    await engine.tagImage(other, repository, 'v1')
    await giveBack()
    expect(engine.names(other)).toEqual([name])
  })

  it('takes away after a crash what was left, once that engine is connected again', async () => {
    await makeReferences().take(repository, 'v1', imageId, going)
    engine.become({ status: 'connecting' })
    const stop = makeReferences().start()
    engine.become({ status: 'connected', endpoint: { id: 'else', source: 'socket', label: '', host: '' } })
    await Promise.resolve()
    expect(engine.names(imageId)).toContain(name)
    engine.become({ endpoint: { id: 'here', source: 'socket', label: '', host: '' } })
    await waitFor(() => expect(notes).toEqual([]))
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
    stop()
  })

  it('does not take a name for the image’s own that a crash left on it', async () => {
    await makeReferences().take(repository, 'v1', imageId, going)
    const giveBack = await makeReferences().take(repository, 'v1', imageId, going)
    await giveBack()
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
    expect(notes).toEqual([])
  })

  it('tries again by itself where the engine failed and is connected again before that is known', async () => {
    const giveBack = await makeReferences().take(repository, 'v1', imageId, going)
    const lost = new AppError('ENGINE_LOST', { side: 'engine' })
    vi.spyOn(engine, 'removeReference').mockRejectedValueOnce(lost).mockRejectedValueOnce(lost)
    await expect(giveBack()).rejects.toMatchObject({ code: 'ENGINE_LOST' })
    await waitFor(() => expect(notes).toEqual([]))
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
  })

  it('tries again for each push, however often the engine failed before, and as long as it fails', async () => {
    const references = makeReferences()
    const lost = new AppError('ENGINE_LOST', { side: 'engine' })
    for (const failures of [1, 2, 1, 1, 7]) {
      const giveBack = await references.take(repository, 'v1', imageId, going)
      const remove = vi.spyOn(engine, 'removeReference')
      for (let count = 0; count < failures; count += 1) remove.mockRejectedValueOnce(lost)
      await expect(giveBack()).rejects.toMatchObject({ code: 'ENGINE_LOST' })
      await waitFor(() => expect(notes).toEqual([]))
      expect(engine.names(imageId)).toEqual(['nginx:1.25'])
    }
  })

  it('takes nothing away that the next push of the same name has just been given', async () => {
    await makeReferences().take(repository, 'v1', imageId, going)
    const references = makeReferences()
    const removeReference = engine.removeReference.bind(engine)
    let begun = (): void => undefined
    let goOn = (): void => undefined
    const removing = new Promise<void>((done) => (begun = done))
    const held = new Promise<void>((done) => (goOn = done))
    vi.spyOn(engine, 'removeReference').mockImplementationOnce(async (reference) => {
      begun()
      await held
      await removeReference(reference)
    })
    const stop = references.start()
    await removing
    const taking = references.take(repository, 'v1', imageId, going)
    // As far as it may come while the other one is under way.
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate)
    goOn()
    const giveBack = await taking
    expect(engine.names(imageId)).toEqual(['nginx:1.25', name])
    await giveBack()
    expect([engine.names(imageId), notes]).toEqual([['nginx:1.25'], []])
    stop()
  })

  it('takes a name away that an engine gave although it was cut off', async () => {
    const tagImage = engine.tagImage.bind(engine)
    vi.spyOn(engine, 'tagImage').mockImplementationOnce(async (id, where, tag) => {
      await tagImage(id, where, tag)
      throw new AppError('ENGINE_LOST', { side: 'engine' })
    })
    const taken = makeReferences().take(repository, 'v1', imageId, going)
    await expect(taken).rejects.toMatchObject({ code: 'ENGINE_LOST' })
    await waitFor(() => expect(notes).toEqual([]))
    expect(engine.names(imageId)).toEqual(['nginx:1.25'])
  })

  it('keeps the note when the engine has changed under a push', async () => {
    const giveBack = await makeReferences().take(repository, 'v1', imageId, going)
    engine.become({ endpoint: { id: 'else', source: 'socket', label: '', host: '' } })
    await expect(giveBack()).rejects.toMatchObject({ code: 'ENGINE_LOST' })
    expect(notes).toHaveLength(1)
  })
})
