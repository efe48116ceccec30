import { expect, it } from 'vitest'
import type { Job } from '@shared/job'
import { TransferBar } from '../../electron/transfer-bar'

const job = (id: string, state: Job['state'], completed: number, total: number | null): Job => ({
  id,
  state,
  request: { kind: 'pull', registryId: 'r', repository: 'x', reference: 'v1', platform: null },
  host: 'a.example',
  progress: { phase: 'pulling', completed, total, parts: [] },
  bytesPerSecond: null,
  createdAt: 0,
  startedAt: 0,
  endedAt: null,
  attempt: 1,
  error: null,
  result: null,
  revision: 1,
})

it('shows all transfers as one, and nothing when they ended', () => {
  const shown: number[] = []
  const bar = new TransferBar((fraction) => shown.push(fraction))
  bar.see(job('a', 'running', 0, null))
  bar.see(job('a', 'running', 50, 100))
  bar.see(job('b', 'running', 0, 100))
  bar.see(job('a', 'succeeded', 100, 100))
  bar.see(job('b', 'failed', 0, 100))
  expect(shown).toEqual([2, 0.5, 0.25, 0, -1])
})
