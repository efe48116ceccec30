// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it } from 'vitest'
import { effectScope, nextTick, ref, type EffectScope } from 'vue'
import type { LogLine } from '@shared/running'
import { LogBuffer } from '@/components/deployment/log-buffer'
import { useLogSearch } from '@/composables/useLogSearch'
import { waitUntil } from '../../support/wait'

const line = (text: string): LogLine => ({ at: 0, from: 'shop-1', channel: 'out', text })
let scope: EffectScope
beforeEach(() => (scope = effectScope()))
afterEach(() => scope.stop())

/** The line that is gone to at once, if any. */
function stepIn(search: ReturnType<typeof useLogSearch>, direction: 1 | -1, from: number): number | null {
  let found: number | null = null
  search.seek(
    direction,
    () => from,
    (line) => (found = line),
  )
  return found
}

function begin(texts: string[], limit = { lines: 1000, characters: 1e6 }) {
  const buffer = new LogBuffer(limit)
  buffer.add(texts.map(line))
  const revision = ref(0)
  const query = ref('')
  const search = scope.run(() => useLogSearch(buffer, revision, query))
  if (!search) throw new Error('no scope')
  const add = async (...more: string[]) => {
    buffer.add(more.map(line))
    revision.value += 1
    await nextTick()
  }
  const done = () => waitUntil(() => !search.searching.value && query.value !== '')
  return { buffer, query, search, add, done }
}

it('finds in either case, behind colours too, and goes round', async () => {
  const { query, search, done } = begin(['GET /a', 'post', '\x1b[31mg\x1b[0met /b', 'x'])
  query.value = 'get'
  await nextTick()
  await done()
  expect(search.count.value).toBe(2)
  expect([stepIn(search, 1, 0), stepIn(search, 1, 0), stepIn(search, 1, 0)]).toEqual([0, 2, 0])
  expect(stepIn(search, -1, 0)).toBe(2)
  expect(search.position.value).toBe(2)
})

it('begins where the reader is', async () => {
  const { query, search, done } = begin(['a', 'b', 'a', 'b', 'a'])
  query.value = 'a'
  await nextTick()
  await done()
  expect(stepIn(search, 1, 1)).toBe(2)
})

it('goes on with what comes, and forgets what went', async () => {
  const { query, search, add, done } = begin(['hit'], { lines: 10, characters: 1e6 })
  query.value = 'hit'
  await nextTick()
  await done()
  await add('no', 'hit')
  await waitUntil(() => search.count.value === 2)
  await add(...Array.from({ length: 15 }, () => 'no'))
  await waitUntil(() => search.count.value === 0)
  expect(stepIn(search, 1, 0)).toBeNull()
})

it('looks through 100,000 lines without holding the window up', async () => {
  const { query, search } = begin([], { lines: 200_000, characters: 1e8 })
  const many = begin(
    Array.from({ length: 100_000 }, (_, index) => `line ${index}`),
    { lines: 200_000, characters: 1e8 },
  )
  expect([query.value, search.count.value]).toEqual(['', 0])
  many.query.value = '99999'
  await nextTick()
  await many.done()
  expect(stepIn(many.search, 1, 0)).toBe(99_999)
})

it('goes there once something is found, where it was asked for before, but not for another text', async () => {
  const { query, search, done } = begin(['a', 'hit', 'b'])
  const gone: [string, number][] = []
  query.value = 'hit'
  await nextTick()
  search.seek(
    1,
    () => 0,
    (line) => gone.push(['hit', line]),
  )
  query.value = 'b'
  await nextTick()
  search.seek(
    -1,
    () => 0,
    (line) => gone.push(['b', line]),
  )
  expect(gone).toEqual([])
  await done()
  expect(gone).toEqual([['b', 2]])
})
