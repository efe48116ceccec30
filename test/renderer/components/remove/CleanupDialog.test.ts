// @vitest-environment happy-dom
import type { TagRow } from '@shared/browse'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import CleanupDialog from '@/components/remove/CleanupDialog.vue'
import { createMessages } from '@/i18n'
import { answeringBridge } from '../../support/answering-bridge'

const day = 86_400_000
const row = (name: string, age: number): TagRow => ({
  name,
  digest: `sha256:${name}`,
  mediaType: null,
  kind: 'image',
  created: Date.now() - age * day,
  size: null,
  platforms: [],
  detail: 'ready',
  error: null,
})
const tags = [1, 2, 3, 4, 5, 60, 70, 80].map((age) => row(`v${age}`, age))
const reviewed = vi.fn()
let wrapper: VueWrapper

async function begin(): Promise<void> {
  answeringBridge({})
  const shown = { registryId: 'mine', repository: '727524/web', tags, show: true, onReview: reviewed }
  wrapper = mount(
    { render: () => h(CleanupDialog, shown) },
    { attachTo: document.body, global: { plugins: [createMessages('en')] } },
  )
  await flushPromises()
}
const find = <E extends HTMLElement>(selector: string): E => {
  const found = document.querySelector<E>(selector)
  if (!found) throw new Error(`no ${selector}`)
  return found
}
async function type(id: string, text: string): Promise<void> {
  const field = find<HTMLInputElement>(`[data-testid=${id}] input`)
  field.value = text
  field.dispatchEvent(new Event('input'))
  field.dispatchEvent(new Event('blur'))
  await flushPromises()
}
const review = (): HTMLButtonElement => find('[data-testid=cleanup-review]')

beforeEach(() => {
  setActivePinia(createPinia())
  reviewed.mockReset()
})
afterEach(() => {
  wrapper.unmount()
  document.body.replaceChildren()
  vi.unstubAllGlobals()
})

it('hands on what is neither among the newest five nor of the last thirty days', async () => {
  await begin()
  review().click()
  expect(reviewed).toHaveBeenCalledWith(['v60', 'v70', 'v80'])
})

it('follows the rule as it is typed', async () => {
  await begin()
  await type('cleanup-protect', 'latest, v7*')
  review().click()
  expect(reviewed).toHaveBeenCalledWith(['v60', 'v80'])
})

it('does not take an emptied number as a wish to keep nothing', async () => {
  await begin()
  await type('cleanup-newest', '')
  expect(review().disabled).toBe(true)
})
