// @vitest-environment happy-dom
import type { DeleteTagsPlan } from '@shared/plan'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import DeleteTagsDialog from '@/components/remove/DeleteTagsDialog.vue'
import { createMessages } from '@/i18n'
import { useJobsStore } from '@/stores/jobs'
import { useRegistriesStore } from '@/stores/registries'
import { answeringBridge, privateRegistry, pushJob, sha } from '../../support/answering-bridge'

let wrapper: VueWrapper
async function begin(plan: DeleteTagsPlan, all: string[], jobs = [pushJob()]) {
  const bridge = answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry()], unforgotten: 0, revision: 1 }),
    'job:list': () => jobs,
    'delete:plan-tags': () => plan,
    'job:enqueue': () => pushJob(),
  })
  await useRegistriesStore().load()
  await useJobsStore().load()
  const props = {
    registryId: 'mine',
    repository: '727524/web',
    tags: plan.going.map(({ tag }) => tag),
    all,
    show: true,
  }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/', component: { render: () => null } }],
  })
  wrapper = mount(
    { render: () => h(NMessageProvider, () => h(DeleteTagsDialog, props)) },
    { attachTo: document.body, global: { plugins: [createMessages('en'), router] } },
  )
  await flushPromises()
  return bridge
}
const find = <E extends HTMLElement>(selector: string): E => {
  const found = document.querySelector<E>(selector)
  if (!found) throw new Error(`no ${selector}`)
  return found
}
const confirm = (): HTMLButtonElement => find('[data-testid=delete-confirm]')
const listed = (id: string): string[] =>
  [...find(`[data-testid=${id}]`).querySelectorAll<HTMLElement>('[data-tag]')].map(
    (row) => row.dataset['tag'] ?? '',
  )

const two = [
  { tag: 'v1', digest: sha('a') },
  { tag: 'v2', digest: sha('b') },
]

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(168)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(168)
  setActivePinia(createPinia())
})
afterEach(() => {
  wrapper.unmount()
  document.body.replaceChildren()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it('takes exactly what the plan says goes, as one job, and shows the siblings that stay', async () => {
  const bridge = await begin(
    { going: two, staying: [{ tag: 'latest', digest: sha('b') }], missing: ['v0'] },
    ['v0', 'v1', 'v2', 'latest'],
  )
  expect(listed('delete-list')).toEqual(['v1', 'v2'])
  expect(listed('delete-staying')).toEqual(['latest'])
  confirm().click()
  await flushPromises()
  expect(bridge.asked('job:enqueue')).toEqual([
    { kind: 'delete-tags', registryId: 'mine', repository: '727524/web', tags: two },
  ])
})

it('wants the name typed when no tag would be left', async () => {
  const bridge = await begin({ going: two, staying: [], missing: [] }, ['v1', 'v2'])
  expect(confirm().disabled).toBe(true)
  const field = find<HTMLInputElement>('[data-testid=delete-type-name] input')
  field.value = '727524/we'
  field.dispatchEvent(new Event('input'))
  await flushPromises()
  expect(confirm().disabled).toBe(true)
  field.value = '727524/web'
  field.dispatchEvent(new Event('input'))
  await flushPromises()
  confirm().click()
  await flushPromises()
  expect(bridge.asked('job:enqueue')).toHaveLength(1)
})

it('cannot be confirmed where nothing is left to delete', async () => {
  await begin({ going: [], staying: [], missing: ['v1'] }, ['v1', 'v2'])
  expect(confirm().disabled).toBe(true)
})

it('says in advance that this registry deletes nothing, by what it answered last', async () => {
  const refused = pushJob({
    state: 'failed',
    request: { kind: 'delete-tags', registryId: 'mine', repository: '727524/web', tags: two },
    error: { code: 'DELETE_DISABLED', context: {}, detail: null },
  })
  await begin({ going: two, staying: [], missing: [] }, ['v1', 'v2', 'v3'], [refused])
  expect(find('[data-testid=delete-switched-off]').textContent).toContain('registry.example')
})
