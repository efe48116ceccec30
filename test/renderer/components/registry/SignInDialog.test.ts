// @vitest-environment happy-dom
import { randomBytes } from 'node:crypto'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { ErrorInfo } from '@shared/error'
import RegistryDialogs from '@/components/registry/RegistryDialogs.vue'
import { createMessages } from '@/i18n'
import { useDialogsStore } from '@/stores/dialogs'
import { useRegistriesStore } from '@/stores/registries'
import {
  type AnsweringBridge,
  answeringBridge,
  privateRegistry,
  Refusal,
} from '../../support/answering-bridge'

const password = randomBytes(9).toString('hex')
const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/', component: { render: () => null } }],
})
let bridge: AnsweringBridge
let refusal: ErrorInfo | null
let dockerUser: string | null = null
let unmount: () => void

beforeEach(async () => {
  refusal = null
  bridge = answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry()], unforgotten: 0, revision: 1 }),
    'registry:confirm-realm': ({ realm }) => {
      refusal = null
      return privateRegistry({ confirmedRealms: [realm] })
    },
    'account:docker-login': () => ({ username: dockerUser }),
    'account:adopt-docker-login': () => {
      if (refusal) throw new Refusal(refusal)
      return privateRegistry()
    },
    'account:sign-in': () => {
      if (refusal) throw new Refusal(refusal)
      return privateRegistry()
    },
  })
  setActivePinia(createPinia())
  await useRegistriesStore().load()
  const dialogs = mount(RegistryDialogs, {
    attachTo: document.body,
    global: { plugins: [createMessages('en'), router] },
  })
  unmount = () => dialogs.unmount()
  useDialogsStore().signIn('mine', { username: 'ann' })
  await flushPromises()
})
afterEach(() => {
  unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

function find<E extends Element = HTMLElement>(id: string): E {
  const found = document.querySelector<E>(`[data-testid="${id}"]`)
  if (!found) throw new Error(`no ${id}`)
  return found
}
const field = (): HTMLInputElement => find<HTMLInputElement>('registry-password')
async function type(text: string): Promise<void> {
  field().value = text
  field().dispatchEvent(new Event('input', { bubbles: true }))
  await flushPromises()
}
async function submit(): Promise<void> {
  document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))
  await flushPromises()
}
async function press(id: string): Promise<void> {
  find(id).click()
  await flushPromises()
}
const refused = (code: ErrorInfo['code'], reference?: string): ErrorInfo => ({
  code,
  context: { registryId: 'mine', host: 'registry.example', reference },
  detail: null,
})

it('signs in with the keychain, and closes', async () => {
  await type(password)
  await submit()
  expect(bridge.asked('account:sign-in')).toEqual([
    { registryId: 'mine', username: 'ann', password, keep: 'keychain' },
  ])
  expect(useDialogsStore().current).toBeNull()
})

it('stays with the error in place, and without the password that was sent', async () => {
  refusal = refused('UNAUTHORIZED')
  await type(password)
  await submit()
  expect(field().value).toBe('')
  expect(document.body.textContent).toContain('The sign-in of ann was not accepted')
  expect(document.body.innerHTML).not.toContain(password)
})

it('sends nothing while something is missing', async () => {
  await submit()
  expect(bridge.asked('account:sign-in')).toEqual([])
  expect(field().getAttribute('aria-invalid')).toBe('true')
})

it('says that there is no keychain, and keeps it for the session when the user wants that', async () => {
  refusal = refused('KEYCHAIN_UNAVAILABLE')
  await type(password)
  await submit()
  expect(find('error-panel').dataset['code']).toBe('KEYCHAIN_UNAVAILABLE')
  refusal = null
  await press('error-next-step')
  expect(bridge.asked('account:sign-in')[1]).toEqual({
    registryId: 'mine',
    username: 'ann',
    password,
    keep: 'session',
  })
  expect(useDialogsStore().current).toBeNull()
})

it('names the other address before the account goes there', async () => {
  const realm = 'https://auth.elsewhere.example/token'
  refusal = refused('REALM_REFUSED', realm)
  await type(password)
  await submit()
  await press('error-next-step')
  expect(find('realm-notice').textContent).toContain('auth.elsewhere.example')
  expect(bridge.asked('registry:confirm-realm')).toEqual([])
  await press('confirm-realm')
  expect(bridge.asked('registry:confirm-realm')).toEqual([{ id: 'mine', realm }])
  expect(bridge.asked('account:sign-in')).toHaveLength(2)
  expect(useDialogsStore().current).toBeNull()
})

it('offers the sign-in of docker where there is one, and the password never comes here', async () => {
  expect(document.querySelector('[data-testid="sign-in-docker"]')).toBeNull()
  dockerUser = 'dev'
  useDialogsStore().signIn('mine', { username: null })
  await flushPromises()
  dockerUser = null
  expect(find('sign-in-docker').textContent).toContain('dev')
  await press('sign-in-docker')
  expect(bridge.asked('account:adopt-docker-login')).toEqual([{ registryId: 'mine', keep: 'keychain' }])
  expect(document.querySelector('[data-testid="sign-in"]')).toBeNull()
})

it('says why the sign-in of docker was refused, and stays open', async () => {
  dockerUser = 'dev'
  useDialogsStore().signIn('mine', { username: null })
  await flushPromises()
  dockerUser = null
  refusal = refused('UNAUTHORIZED')
  await press('sign-in-docker')
  expect(document.body.textContent).toContain('dev')
  expect(document.querySelector('[data-testid="sign-in"]')).not.toBeNull()
})
