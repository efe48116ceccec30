// @vitest-environment happy-dom
import type { SearchAnswer } from '@shared/search'
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import { useSearch } from '@/composables/useSearch'
import { Refusal, answeringBridge } from '../support/answering-bridge'

const answerFor = (text: string): SearchAnswer => ({
  hits: [
    {
      kind: 'repository',
      registryId: 'mine',
      section: 'private',
      repository: text,
      tag: null,
      digest: null,
      field: 'repository',
      snippet: text,
      created: null,
    },
  ],
  more: false,
})
const scope = effectScope()
afterEach(() => vi.unstubAllGlobals())

it('asks for what stands there when the last answer comes, not for every letter in between', async () => {
  const waiting: (() => void)[] = []
  const bridge = answeringBridge({
    'search:query': async ({ text }) => {
      await new Promise<void>((done) => waiting.push(done))
      return answerFor(text)
    },
  })
  const text = ref('')
  const found = scope.run(() => useSearch(text, 10))
  for (const typed of ['n', 'ng', 'ngi', 'ngin']) {
    text.value = typed
    await flushPromises()
  }
  waiting.shift()?.()
  await flushPromises()
  waiting.shift()?.()
  await found?.settled()
  expect(bridge.asked('search:query').map((input) => input.text)).toEqual(['n', 'ngin'])
  expect(found?.answer.value.hits[0]?.repository).toBe('ngin')
})

it('asks nothing for an empty text and forgets the answer', async () => {
  const bridge = answeringBridge({ 'search:query': ({ text }) => answerFor(text) })
  const text = ref('web')
  const found = scope.run(() => useSearch(text, 10))
  await found?.settled()
  text.value = '  '
  await flushPromises()
  expect(found?.answer.value.hits).toEqual([])
  expect(bridge.asked('search:query')).toHaveLength(1)
})

it('searches again after the text was emptied', async () => {
  const bridge = answeringBridge({ 'search:query': ({ text }) => answerFor(text) })
  const text = ref('web')
  const found = scope.run(() => useSearch(text, 10))
  await found?.settled()
  text.value = ''
  await flushPromises()
  text.value = 'web'
  await flushPromises()
  await found?.settled()
  expect(found?.answer.value.hits[0]?.repository).toBe('web')
  expect(bridge.asked('search:query')).toHaveLength(2)
})

it('tells a failure and works again with the next letter', async () => {
  let broken = true
  answeringBridge({
    'search:query': ({ text }) => {
      if (broken) throw new Refusal({ code: 'STORE_FAILED', context: {}, detail: null })
      return answerFor(text)
    },
  })
  const text = ref('a')
  const found = scope.run(() => useSearch(text, 10))
  await found?.settled()
  expect(found?.error.value?.code).toBe('STORE_FAILED')
  broken = false
  text.value = 'ab'
  await flushPromises()
  await found?.settled()
  expect(found?.error.value).toBeNull()
  expect(found?.answer.value.hits).toHaveLength(1)
})
