import { describe, expect, it } from 'vitest'
import { readMessage } from '../../../electron/engine/message'
import { TransferProgress } from '../../../electron/engine/progress'

const feed = (progress: TransferProgress, ...messages: object[]): TransferProgress => {
  for (const message of messages) progress.take(readMessage(message))
  return progress
}
const step = (id: string, status: string, current?: number, total?: number): object => ({
  id,
  status,
  progressDetail: { current, total },
})

describe('the progress of a push', () => {
  const layers = [
    { id: 'base', size: 100 },
    { id: 'app', size: 50 },
  ]
  it('knows its total before the engine has said anything', () => {
    expect(new TransferProgress('pushing', layers).snapshot()).toMatchObject({ completed: 0, total: 150 })
  })
  it('counts what was there and what was mounted as complete, and says so', () => {
    const progress = feed(
      new TransferProgress('pushing', layers),
      step('base', 'Preparing'),
      step('app', 'Preparing'),
      step('base', 'Layer already exists'),
      step('app', 'Mounted from library/app'),
    )
    expect(progress.snapshot()).toMatchObject({ completed: 150, total: 150 })
    expect(progress.snapshot().parts.map((part) => part.state)).toEqual(['exists', 'mounted'])
  })
  it('follows the bytes, and never shows more than all', () => {
    const progress = feed(new TransferProgress('pushing', layers), step('base', 'Pushing', 40, 100))
    expect(progress.snapshot()).toMatchObject({ phase: 'pushing', completed: 40, total: 150 })
    feed(progress, step('base', 'Pushing', 1536), step('app', 'Pushing', 1536))
    expect(progress.snapshot()).toMatchObject({ completed: 150, total: 150 })
  })
  it('goes back when a layer is sent again', () => {
    const progress = feed(
      new TransferProgress('pushing', layers),
      step('base', 'Pushing', 80, 100),
      step('base', 'Retrying in 5 seconds'),
    )
    expect(progress.snapshot()).toMatchObject({ completed: 0, parts: [{ state: 'retrying' }, {}] })
    feed(progress, step('base', 'Pushing', 10, 100), step('base', 'Pushed'))
    expect(progress.snapshot()).toMatchObject({ completed: 100, parts: [{ state: 'done' }, {}] })
  })
  it('takes the engine’s own names of layers where they differ from those expected', () => {
    const progress = feed(new TransferProgress('pushing', layers), step('blob1', 'Waiting'))
    expect(progress.snapshot().parts.map((part) => part.id)).toEqual(['blob1'])
  })
  it('is complete at the end, also where the engine said nothing about layers', () => {
    const progress = new TransferProgress('pushing', layers)
    progress.finish()
    expect(progress.snapshot()).toMatchObject({ completed: 150, total: 150 })
  })
})

describe('the progress of a pull', () => {
  it('does not take the tag for a layer', () => {
    const progress = feed(new TransferProgress('pulling'), step('v1', 'Pulling from library/app'))
    expect(progress.snapshot()).toEqual({ phase: 'preparing', completed: 0, total: null, parts: [] })
  })
  it('has no total until every layer’s size is known', () => {
    const progress = feed(
      new TransferProgress('pulling'),
      step('a', 'Pulling fs layer'),
      step('b', 'Waiting'),
      step('a', 'Downloading', 10, 100),
    )
    expect(progress.snapshot()).toMatchObject({ phase: 'pulling', completed: 10, total: null })
    feed(progress, step('b', 'Downloading', 5, 20))
    expect(progress.snapshot()).toMatchObject({ completed: 15, total: 120 })
  })
  it('extracts when nothing is left to download, without counting bytes twice', () => {
    const progress = feed(
      new TransferProgress('pulling'),
      step('a', 'Downloading', 90, 100),
      step('a', 'Verifying Checksum'),
      step('a', 'Download complete'),
      step('b', 'Already exists'),
      step('a', 'Extracting', 10, 100),
    )
    expect(progress.snapshot()).toMatchObject({ phase: 'extracting', completed: 100, total: 100 })
    feed(progress, step('a', 'Pull complete'))
    expect(progress.snapshot().parts.map((part) => part.state)).toEqual(['done', 'exists'])
  })
  it('gives snapshots that do not change any more', () => {
    const progress = feed(new TransferProgress('pulling'), step('a', 'Downloading', 1, 100))
    const before = progress.snapshot()
    feed(progress, step('a', 'Downloading', 50, 100))
    expect(before.parts[0]?.completed).toBe(1)
  })
})
