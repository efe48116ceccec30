// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { errorCodes, nextSteps, type ErrorInfo } from '@shared/error'
import { useNextStep } from '@/composables/useNextStep'
import { createMessages } from '@/i18n'
import { useDialogsStore } from '@/stores/dialogs'
import { useRegistriesStore } from '@/stores/registries'
import { answeringBridge, privateRegistry } from '../support/answering-bridge'
import { waitFor } from '../../support/wait'

let router: Router
let steps: ReturnType<typeof useNextStep>
const blank = { render: () => null }

beforeEach(async () => {
  answeringBridge({
    'registry:list': () => ({ registries: [privateRegistry()], unforgotten: 0, revision: 1 }),
  })
  const pinia = createPinia()
  setActivePinia(pinia)
  await useRegistriesStore().load()
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: blank },
      { path: '/settings/:tab?', component: blank },
    ],
  })
  const setup = (): (() => null) => {
    steps = useNextStep()
    return () => null
  }
  mount({ setup }, { global: { plugins: [pinia, createMessages('en'), router] } })
})
afterEach(() => vi.unstubAllGlobals())

const error = (code: ErrorInfo['code'], context: ErrorInfo['context'] = {}): ErrorInfo => ({
  code,
  context,
  detail: null,
})
const mine = { registryId: 'mine' }
const opened = (): unknown => useDialogsStore().current

it.each([
  ['UNAUTHORIZED', { kind: 'sign-in', registryId: 'mine', username: null, sessionOnly: false }],
  ['HOST_UNKNOWN', { kind: 'registry-form', registryId: 'mine', preset: null }],
  ['TLS_UNTRUSTED', { kind: 'certificate', registryId: 'mine' }],
  ['LISTING_UNSUPPORTED', { kind: 'add-repository', registryId: 'mine' }],
  ['KEYCHAIN_UNAVAILABLE', { kind: 'sign-in', registryId: 'mine', username: null, sessionOnly: true }],
] as const)('%s leads to its dialog', (code, dialog) => {
  steps.nextStep(error(code, mine))?.run()
  expect(opened()).toEqual(dialog)
})

it('signs in again as the account that was refused', () => {
  steps.nextStep(error('UNAUTHORIZED', { ...mine, account: 'ann' }))?.run()
  expect(opened()).toMatchObject({ username: 'ann' })
})

it('finds the registry by its host where the error has no id', () => {
  steps.nextStep(error('UNAUTHORIZED', { host: 'Registry.Example' }))?.run()
  expect(opened()).toMatchObject({ registryId: 'mine' })
})

it('explains how an engine starts, and opens the settings for a missing one', async () => {
  steps.nextStep(error('ENGINE_STOPPED'))?.run()
  expect(opened()).toEqual({ kind: 'engine-start' })
  steps.nextStep(error('ENGINE_MISSING'))?.run()
  await waitFor(() => expect(router.currentRoute.value.path).toBe('/settings/engine'))
})

it('asks about the token service that can be confirmed', () => {
  steps.nextStep(error('REALM_REFUSED', { ...mine, reference: 'https://auth.example/token' }))?.run()
  expect(opened()).toEqual({ kind: 'realm', registryId: 'mine', realm: 'https://auth.example/token' })
})

it('retries only where the caller can', () => {
  const retry = vi.fn()
  expect(steps.nextStep(error('TIMED_OUT', mine))).toBeNull()
  steps.nextStep(error('TIMED_OUT', mine), retry)?.run()
  expect(retry).toHaveBeenCalledOnce()
})

it('has a button for every error about a known registry that has a next step', () => {
  const without = errorCodes.filter((code) => steps.nextStep(error(code, mine), () => {}) === null)
  expect(without).toEqual(errorCodes.filter((code) => nextSteps[code] === 'none'))
})

it('offers nothing about a registry that is not in the list', () => {
  expect(steps.nextStep(error('UNAUTHORIZED', { registryId: 'gone' }))).toBeNull()
})
