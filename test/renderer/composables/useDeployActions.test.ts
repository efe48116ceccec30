// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { useDeployActions } from '@/composables/useDeployActions'
import { deployQuestion } from '@/deploy-address'
import { createMessages } from '@/i18n'
import { useEngineStore } from '@/stores/engine'
import { usePoolsStore } from '@/stores/pools'
import { answeringBridge, localImage } from '../support/answering-bridge'
import { poolList, samplePool } from '../support/deploy-samples'

const page = { render: () => null }
const router = createRouter({
  history: createMemoryHistory(),
  routes: [
    { path: '/', component: page },
    { path: '/local', name: 'local', component: page },
    { path: '/deploy', name: 'deploy', component: page },
    { path: '/:section/:registryId/:repository/:reference', name: 'image', component: page },
  ],
})
let actions: ReturnType<typeof useDeployActions>
let unmount: () => void

beforeEach(async () => {
  const pools = [samplePool(), samplePool({ id: 'far', name: 'Far' })]
  answeringBridge({
    'pool:list': () => poolList(pools),
    'pool:choose': ({ id }) => poolList(pools, { currentId: id, revision: 2 }),
    'engine:read': () => ({
      status: 'connected',
      endpoint: null,
      candidates: [],
      product: 'docker',
      version: '28',
      platform: null,
      error: null,
      revision: 1,
    }),
    'local-image:list': () => ({
      images: [localImage('a', 'shop:1'), localImage('b')],
      fetchedAt: 1,
      error: null,
      revision: 1,
    }),
  })
  setActivePinia(createPinia())
  await usePoolsStore().load()
  await useEngineStore().load()
  await router.push('/')
  const shown = mount(
    defineComponent(() => {
      actions = useDeployActions()
      return () => null
    }),
    { global: { plugins: [createMessages('en'), router] } },
  )
  unmount = () => shown.unmount()
})
afterEach(() => {
  unmount()
  vi.unstubAllGlobals()
})
const run = async (label: string): Promise<void> => {
  actions.value.find((one) => one.label === label)?.run()
  await flushPromises()
}

it('deploys the image that is shown, and on their page the images of the engine', async () => {
  await router.push('/private/mine/727524%2Fnginx/v1')
  await run('Deploy nginx:v1…')
  expect(deployQuestion(router.currentRoute.value.query)).toMatchObject({
    source: { kind: 'registry', registryId: 'mine', repository: '727524/nginx', reference: 'v1' },
  })
  expect(actions.value.map(({ label }) => label)).not.toContain('Deploy shop:1…')
  await router.push('/local')
  await run('Deploy shop:1…')
  expect(deployQuestion(router.currentRoute.value.query)).toMatchObject({
    source: { kind: 'local', reference: 'shop:1' },
  })
})

it('begins with a description file, and makes another pool the current one', async () => {
  await run('Deploy from a description file…')
  expect(router.currentRoute.value.fullPath).toBe('/deploy')
  expect(actions.value.map(({ label }) => label)).not.toContain('Make current: This computer')
  await run('Make current: Far')
  expect(usePoolsStore().current?.id).toBe('far')
})
