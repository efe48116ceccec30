// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { ErrorInfo } from '@shared/error'
import ErrorPanel from '@/components/base/ErrorPanel.vue'
import { createMessages } from '@/i18n'
import { useAppStore } from '@/stores/app'
import { useDialogsStore } from '@/stores/dialogs'
import { useRegistriesStore } from '@/stores/registries'
import { type AnsweringBridge, answeringBridge, privateRegistry } from '../../support/answering-bridge'

let bridge: AnsweringBridge
beforeEach(async () => {
  bridge = answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry()], unforgotten: 0, revision: 1 }),
    'app:info': () => ({
      version: '1.2.3',
      electron: '45.0.0',
      platform: 'linux',
      locale: 'en',
      keychain: { available: true, error: null },
    }),
    'clipboard:write': () => undefined,
  })
  setActivePinia(createPinia())
  await Promise.all([useRegistriesStore().load(), useAppStore().load()])
})
afterEach(() => vi.unstubAllGlobals())

const error = (changes: Partial<ErrorInfo>): ErrorInfo => ({
  code: 'UNAUTHORIZED',
  context: { registryId: 'mine', host: 'registry.example', account: 'ann' },
  detail: null,
  ...changes,
})
const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/', component: { render: () => null } }],
})
const panel = (props: { error: ErrorInfo; retry?: () => void }) =>
  mount(ErrorPanel, { props, global: { plugins: [createMessages('en'), router] } })

it('says what happened and what to do, and its button does it', async () => {
  const shown = panel({ error: error({}) })
  expect(shown.text()).toContain('The sign-in of ann was not accepted by registry.example.')
  expect(shown.text()).toContain('Check user name and password')
  await shown.get('[data-testid=error-next-step]').trigger('click')
  expect(useDialogsStore().current).toMatchObject({ kind: 'sign-in', registryId: 'mine', username: 'ann' })
})

it('has Retry beside the next step, but not twice', async () => {
  const retry = vi.fn()
  const both = panel({ error: error({}), retry })
  await both.get('[data-testid=error-retry]').trigger('click')
  expect(retry).toHaveBeenCalledOnce()

  const one = panel({ error: error({ code: 'TIMED_OUT' }), retry })
  expect(one.find('[data-testid=error-retry]').exists()).toBe(false)
  await one.get('[data-testid=error-next-step]').trigger('click')
  expect(retry).toHaveBeenCalledTimes(2)
})

it('shows the far side’s words as text, never as markup', async () => {
  const shown = panel({ error: error({ detail: '<img src=x onerror=alert(1)>' }) })
  await shown.get('[data-testid=error-details]').trigger('click')
  expect(shown.find('img').exists()).toBe(false)
  expect(shown.get('pre').text()).toContain('<img src=x')
})

it('copies code, context and versions, and leaves out what looks like a secret', async () => {
  const detail = [
    'GET https://ann:hunter2@registry.example/v2/',
    'Authorization: Basic YW5uOmh1bnRlcjI=',
    '{"token": "eyJhbGciOi", "password":"hunter2"}',
  ].join('\n')
  const shown = panel({ error: error({ detail }) })
  await shown.get('[data-testid=error-details]').trigger('click')
  await shown.get('button[aria-label="Copy details"]').trigger('click')
  const [copied] = bridge.asked('clipboard:write')
  for (const part of [
    'UNAUTHORIZED',
    'host: registry.example',
    'account: ann',
    'Slipway 1.2.3',
    'Electron 45.0.0',
  ]) {
    expect(copied?.text).toContain(part)
  }
  for (const secret of ['hunter2', 'YW5uOmh1bnRlcjI', 'eyJhbGciOi']) {
    expect(copied?.text).not.toContain(secret)
    expect(shown.get('pre').text()).not.toContain(secret)
  }
})
