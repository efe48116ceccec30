import { expect, it } from 'vitest'
import { BlockPool } from '../../../electron/archive/block-pool'

it('gives the same memory out again once it was given back, also by a part of it', () => {
  const pool = new BlockPool()
  const first = pool.take(1000)
  const second = pool.take(1000)
  expect(second.buffer).not.toBe(first.buffer)
  pool.give(first.subarray(10, 20))
  const third = pool.take(500)
  expect(third.length).toBe(500)
  expect(third.buffer).toBe(first.buffer)
})

it('takes nothing twice, and nothing that is not its own', () => {
  const pool = new BlockPool()
  const first = pool.take(10)
  pool.give(first)
  pool.give(first)
  pool.give(Buffer.alloc(10))
  expect(pool.take(10).buffer).toBe(first.buffer)
  expect(pool.take(10).buffer).not.toBe(first.buffer)
})

it('makes room for what is longer than a block', () => {
  const pool = new BlockPool()
  expect(pool.take(5 * 1024 * 1024).length).toBe(5 * 1024 * 1024)
})
