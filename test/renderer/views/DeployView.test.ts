// @vitest-environment happy-dom
import { randomBytes } from 'node:crypto'
import { flushPromises, mount } from '@vue/test-utils'
import { NDialogProvider, NMessageProvider } from 'naive-ui'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter, type Router, RouterView } from 'vue-router'
import type { ErrorInfo } from '@shared/error'
import type { DeploymentPlan } from '@shared/running'
import { deployAddress, deployQuestion } from '@/deploy-address'
import { createMessages } from '@/i18n'
import { usePoolsStore } from '@/stores/pools'
import DeployView from '@/views/DeployView.vue'
import { type AnsweringBridge, answeringBridge, Refusal } from '../support/answering-bridge'
import { deployJob, poolList, samplePlan, samplePool, sampleSpec } from '../support/deploy-samples'
import { waitFor } from '../../support/wait'

const page = { render: () => null }
let router: Router
let bridge: AnsweringBridge
let refusal: ErrorInfo | null
let problems: (port: number | null | undefined) => DeploymentPlan['problems']
let unmount: () => void

beforeEach(async () => {
  refusal = null
  problems = () => []
  bridge = answeringBridge({
    'pool:list': () => poolList([samplePool(), samplePool({ id: 'far', name: 'Far' })]),
    'deployment:prefill': () => sampleSpec(),
    'deployment:plan': ({ spec }) =>
      samplePlan({ problems: problems(spec.ports[0]?.host), command: `docker run --name ${spec.name}` }),
    'deployment:apply': ({ spec, keep }) => {
      if (refusal && keep === 'keychain') throw new Refusal(refusal)
      return deployJob(spec)
    },
    'deployment:save-text': () => '/tmp/nginx.yaml',
    'deployment:read-description': () => {
      throw new Refusal({ code: 'DESCRIPTION_INVALID', context: {}, detail: 'line 3, column 7' })
    },
  })
  setActivePinia(createPinia())
  await usePoolsStore().load()
  router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page },
      {
        path: '/deploy',
        name: 'deploy',
        component: DeployView,
        props: (route) => ({ question: deployQuestion(route.query) }),
      },
      { path: '/deployments', name: 'deployments', component: page },
      { path: '/deployments/:poolId/:id', name: 'deployment', component: page },
    ],
  })
  await router.push(
    deployAddress({ kind: 'registry', registryId: 'mine', repository: '727524/nginx', reference: 'v1' }),
  )
  const view = mount(
    {
      render: () => h(NMessageProvider, () => h(NDialogProvider, () => h(RouterView))),
    },
    { attachTo: document.body, global: { plugins: [createMessages('en'), router] } },
  )
  unmount = () => view.unmount()
  await settled()
})
afterEach(() => {
  unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

async function settled(): Promise<void> {
  await flushPromises()
  await waitFor(() => expect(document.querySelector('[aria-busy=true]')).toBeNull())
  await flushPromises()
}
function find<E extends Element = HTMLElement>(id: string, at = 0): E {
  const found = document.querySelectorAll<E>(`[data-testid="${id}"]`)[at]
  if (!found) throw new Error(`no ${id}`)
  return found
}
async function type(id: string, text: string, at = 0): Promise<void> {
  const input = find<HTMLInputElement>(id, at)
  input.value = text
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await flushPromises()
}
async function press(id: string): Promise<void> {
  find(id).click()
  await flushPromises()
}
const deploy = async (): Promise<void> => {
  find('deploy-page').dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true }),
  )
  await flushPromises()
}
const obstacle = (): string => find('deploy-obstacle').textContent?.trim() ?? ''

it('tells what will be done, and goes to what it deployed', async () => {
  const lines = find('deploy-lines').textContent
  expect(lines).toContain('Pull registry.example/727524/nginx:v1 in This computer')
  expect(lines).toContain('Start one container, nginx')
  expect(lines).toContain('Publish 8080 → 80/tcp, everywhere')
  await deploy()
  expect(bridge.asked('deployment:apply')).toMatchObject([{ poolId: 'here', keep: 'keychain', secrets: {} }])
  await waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/deployments/here/d1?job=job-1'))
})

it('says what is wrong while it is typed, and shows it instead of deploying', async () => {
  await type('deploy-memory-limit', 'much')
  await type('port-container', '99999')
  expect(document.body.textContent).toContain('As 512 MiB or 1.5 GB.')
  expect(document.body.textContent).toContain('From 1 to 65535.')
  expect(obstacle()).toBe('2 fields are to be corrected')
  await deploy()
  expect(bridge.asked('deployment:apply')).toEqual([])
  await waitFor(() => expect(document.activeElement).toBe(find('port-container')))
})

it('does not blame a field that is only empty until it matters', async () => {
  await type('deploy-name', '')
  expect(find('deploy-name').getAttribute('aria-invalid')).toBe('false')
  expect(obstacle()).toBe('One field is still empty')
  await deploy()
  expect(find('deploy-name').getAttribute('aria-invalid')).toBe('true')
})

it('takes a free host port with one click where one is in use', async () => {
  problems = (port) =>
    port === 8080
      ? [
          {
            path: 'ports.0.host',
            problem: 'host-port-used',
            severity: 'error',
            text: '8080/tcp',
            proposal: 8081,
          },
        ]
      : []
  await type('deploy-name', 'web')
  await waitFor(() => expect(obstacle()).toBe('One thing is in the way'))
  await press('port-proposal')
  expect(find<HTMLInputElement>('port-host').value).toBe('8081')
  await waitFor(() => expect(obstacle()).toBe(''))
})

it('takes pasted lines into the table, with what sounds secret hidden', async () => {
  const secret = randomBytes(8).toString('hex')
  await press('environment-add')
  const paste = new Event('paste', { bubbles: true, cancelable: true })
  const text = `A=1\nDB_PASSWORD=${secret}`
  Object.assign(paste, { clipboardData: { getData: () => text } })
  find('environment-name').dispatchEvent(paste)
  await flushPromises()
  expect(paste.defaultPrevented).toBe(true)
  const values = [0, 1].map((at) => find<HTMLInputElement>('environment-value', at))
  expect(values.map((input) => [input.type, input.value])).toEqual([
    ['text', '1'],
    ['password', secret],
  ])
  expect(document.querySelectorAll('[data-testid=environment-row]')).toHaveLength(2)
  await deploy()
  expect(bridge.asked('deployment:apply')[0]?.secrets).toEqual({ DB_PASSWORD: secret })
})

it('offers to keep secrets for the session where there is no keychain', async () => {
  refusal = { code: 'KEYCHAIN_UNAVAILABLE', context: { side: 'keychain' }, detail: null }
  await deploy()
  expect(find('error-panel').dataset['code']).toBe('KEYCHAIN_UNAVAILABLE')
  await press('error-next-step')
  expect(bridge.asked('deployment:apply').map(({ keep }) => keep)).toEqual(['keychain', 'session'])
  await waitFor(() => expect(router.currentRoute.value.name).toBe('deployment'))
})

it('shows the same as a command to copy, and saves it', async () => {
  await press('tab-command')
  expect(find('deploy-command').textContent).toContain('docker run --name nginx')
  await press('deploy-save')
  expect(bridge.asked('deployment:save-text')).toEqual([
    { name: 'nginx.sh', text: 'docker run --name nginx' },
  ])
})

it('opens a folded group where something in it is wrong', async () => {
  find<HTMLDetailsElement>('group-run').open = true
  find('group-run').dispatchEvent(new Event('toggle'))
  await flushPromises()
  await type('deploy-platform', 'linux amd64')
  find<HTMLDetailsElement>('group-run').open = false
  find('group-run').dispatchEvent(new Event('toggle'))
  await flushPromises()
  await deploy()
  expect(find<HTMLDetailsElement>('group-run').open).toBe(true)
  await waitFor(() => expect(document.activeElement).toBe(find('deploy-platform')))
})

it('says where a description is wrong, and keeps the text', async () => {
  await press('deploy-paste')
  await type('paste-text', 'name: [')
  document.querySelector('.paste-dialog form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await flushPromises()
  expect(document.querySelector('.paste-dialog')?.textContent).toContain('line 3, column 7')
  expect(find<HTMLTextAreaElement>('paste-text').value).toBe('name: [')
})

it('asks before what was typed is lost, and only then', async () => {
  await type('deploy-name', 'other')
  const leaving = router.push('/')
  await waitFor(() => expect(document.querySelector('.n-dialog')).not.toBeNull())
  expect(document.querySelector('.n-dialog')?.textContent).toContain('Leave the form?')
  const [leave] = document.querySelectorAll<HTMLElement>('.n-dialog__action button')
  leave?.click()
  await leaving
  expect(router.currentRoute.value.path).toBe('/')
})
