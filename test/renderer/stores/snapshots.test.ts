import { expect, it } from 'vitest'
import { CallError } from '@/call-error'
import { Snapshots } from '@/stores/snapshots'

const at = (revision: number): { revision: number } => ({ revision })

it('shows the newest snapshot and drops one that comes late', async () => {
  const snapshots = new Snapshots()
  await snapshots.read('a', () => Promise.resolve(at(5)))
  snapshots.take('a', at(4))
  expect(snapshots.get('a')?.snapshot).toEqual(at(5))
  snapshots.take('a', at(6))
  expect(snapshots.get('a')?.snapshot).toEqual(at(6))
})

it('keeps an event that is newer than the answer to the call', async () => {
  const snapshots = new Snapshots()
  await snapshots.read('a', () => {
    snapshots.take('a', at(9))
    return Promise.resolve(at(8))
  })
  expect(snapshots.get('a')).toMatchObject({ status: 'ready', snapshot: at(9) })
})

it('takes no events for what was never opened', () => {
  const snapshots = new Snapshots()
  snapshots.take('a', at(1))
  expect(snapshots.get('a')).toBeNull()
})

it('keeps what is shown when a refresh fails, and tells why', async () => {
  const snapshots = new Snapshots()
  await snapshots.read('a', () => Promise.resolve(at(1)))
  await snapshots.read('a', () =>
    Promise.reject(new CallError({ code: 'TIMED_OUT', context: {}, detail: null })),
  )
  expect(snapshots.get('a')).toMatchObject({
    status: 'failed',
    snapshot: at(1),
    error: { code: 'TIMED_OUT' },
  })
})

it('forgets the least recently opened of many', async () => {
  const snapshots = new Snapshots()
  for (let i = 0; i < 41; i += 1) await snapshots.read(String(i), () => Promise.resolve(at(i)))
  expect(snapshots.get('0')).toBeNull()
  expect(snapshots.get('1')).not.toBeNull()
})
