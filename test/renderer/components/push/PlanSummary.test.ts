// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { TransferPlan } from '@shared/plan'
import PlanSummary from '@/components/push/PlanSummary.vue'
import { createMessages } from '@/i18n'
import type { TagSource } from '@/stores/draft-source'
import { makeDraft, planQuestion } from '@/stores/push-draft'
import { answeringBridge, freeTransfer, sha } from '../../support/answering-bridge'

const tag: TagSource = { kind: 'tag', registryId: 'hub', repository: 'library/nginx', reference: 'v1' }
const existing = { digest: sha('e'), created: null, platforms: ['linux/amd64', 'linux/arm64'] }

function show(changes: Partial<TransferPlan>, registryId = 'mine', language: 'en' | 'zh-CN' = 'en') {
  const aim = { registryId, host: 'registry.example', namespace: '727524', repository: null }
  const draft = makeDraft(tag, aim, 'copy')
  const question = planQuestion(draft)
  if (!question) throw new Error('the target is not valid')
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/', component: { render: () => null } }],
  })
  return mount(PlanSummary, {
    props: { draft, state: { state: 'ready', question, plan: { ...freeTransfer, ...changes } } },
    global: { plugins: [createMessages(language), router] },
  })
}
const text = (wrapper: ReturnType<typeof show>): string => wrapper.text().replace(/\s+/g, ' ')

beforeEach(() => {
  setActivePinia(createPinia())
  answeringBridge({})
  return () => vi.unstubAllGlobals()
})

it('says what is sent, what is there and what is mounted', () => {
  const plan = {
    layers: 9,
    layersThere: 6,
    layersMounted: 2,
    bytes: 410e6,
    bytesThere: 300e6,
    bytesMounted: 72e6,
  }
  expect(text(show(plan))).toContain('38 MB of 410 MB to send; 6 layers are already there, 2 mounted')
  expect(text(show({ ...plan, layersThere: 0, bytesThere: 0 }))).toContain('2 layers are mounted')
})

it('says that inside one registry no layer moves, and what comes along', () => {
  const plan = text(show({ referrers: 2 }, 'hub'))
  expect(plan).toContain('no layer bytes move')
  expect(plan).toContain('2 signatures, SBOMs and the like come along')
})

it('asks before a tag is covered, and names the platforms that it would lose', async () => {
  const wrapper = show({ existing, platformsLost: ['linux/arm64'] })
  expect(text(wrapper)).toContain('linux/arm64 is no longer offered')
  await wrapper.get('[data-testid=composer-replace]').trigger('click')
  expect(wrapper.emitted('agree')).toEqual([[existing.digest]])
})

it('asks nothing where the very image is there', () => {
  const wrapper = show({ existing, same: true })
  expect(wrapper.find('[data-testid=composer-replace]').exists()).toBe(false)
  expect(text(wrapper)).toContain('copying again changes nothing')
})

it('speaks Chinese', () => {
  expect(
    text(
      show(
        { layers: 3, layersThere: 1, layersMounted: 1, bytes: 1000, bytesThere: 400, bytesMounted: 100 },
        'mine',
        'zh-CN',
      ),
    ),
  ).toContain('1 层已存在，1 层直接挂载')
})
