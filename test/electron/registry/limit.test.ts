import { expect, it } from 'vitest'
import { Limit } from '../../../electron/registry/limit'
import { failure } from '../../support/registry/clients'

function gate(): { open: () => void; passed: Promise<void> } {
  let open = (): void => {}
  const passed = new Promise<void>((done) => (open = done))
  return { open, passed }
}

it('keeps to its places and starts the most urgent first, equals in their order', async () => {
  const limit = new Limit(1)
  const { open, passed } = gate()
  const order: string[] = []
  const note = (name: string) => (): Promise<void> => {
    order.push(name)
    return Promise.resolve()
  }
  const all = [
    limit.run(() => passed),
    limit.run(note('a'), 0),
    limit.run(note('b'), 0),
    limit.run(note('urgent'), 5),
    limit.run(note('some day'), -1),
    limit.run(note('urgent too'), 5),
  ]
  expect(order).toEqual([])
  open()
  await Promise.all(all)
  expect(order).toEqual(['urgent', 'urgent too', 'a', 'b', 'some day'])
})

it('lets a waiting task go when it is cancelled, and frees the place of one that failed', async () => {
  const limit = new Limit(1)
  const { open, passed } = gate()
  const first = limit.run(() => passed)
  const leaving = new AbortController()
  const second = limit.run(() => Promise.resolve('never'), 0, leaving.signal)
  leaving.abort()
  await failure(second, 'CANCELLED')
  open()
  await first
  await expect(limit.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await limit.run(() => Promise.resolve('third'))).toBe('third')
})

it('cancels ten thousand waiting tasks quickly', async () => {
  const limit = new Limit(1)
  const { open, passed } = gate()
  const first = limit.run(() => passed)
  const leaving = new AbortController()
  const waiting = Array.from({ length: 10_000 }, () => limit.run(() => passed, 0, leaving.signal))
  const all = Promise.allSettled(waiting)
  leaving.abort()
  expect((await all).every(({ status }) => status === 'rejected')).toBe(true)
  open()
  await first
}, 2000)

it('rejects what waits and what comes when it is closed', async () => {
  const limit = new Limit(1)
  const { open, passed } = gate()
  const first = limit.run(() => passed)
  const second = limit.run(() => passed)
  limit.close()
  await failure(second, 'CANCELLED')
  await failure(
    limit.run(() => passed),
    'CANCELLED',
  )
  open()
  await first
})
