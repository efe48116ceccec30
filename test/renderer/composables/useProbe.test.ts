// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { probeSteps, type ProbeStep } from '@shared/registry'
import { useProbe } from '@/composables/useProbe'
import { draftsOf, newForm } from '@/registry-form'
import { type AnsweringBridge, answeringBridge, Refusal } from '../support/answering-bridge'
import { waitFor } from '../../support/wait'

const draft = draftsOf({ ...newForm('other'), host: 'registry.example' }).main
const ok = (step: ProbeStep['step']): ProbeStep => ({
  step,
  state: 'ok',
  facts: [{ kind: 'text', text: step }],
  error: null,
  milliseconds: 1,
})

let bridge: AnsweringBridge
let answers: ((steps: ProbeStep[]) => void)[]
beforeEach(() => {
  answers = []
  bridge = answeringBridge({ 'registry:probe': () => new Promise((answer) => void answers.push(answer)) })
  setActivePinia(createPinia())
})
afterEach(() => vi.unstubAllGlobals())

const probeId = (at: number): string => bridge.asked('registry:probe')[at]?.probeId ?? ''
const states = (probe: ReturnType<typeof useProbe>): string[] => probe.lines.value.map(({ state }) => state)

it('shows all six steps from the start, and each as it comes', async () => {
  const probe = useProbe()
  void probe.start(null, draft)
  expect(states(probe)).toEqual(['running', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting'])
  await waitFor(() => expect(answers).toHaveLength(1))
  bridge.emit('probe:changed', { probeId: probeId(0), steps: [ok('name'), ok('tcp')] })
  expect(states(probe)).toEqual(['ok', 'ok', 'running', 'waiting', 'waiting', 'waiting'])
  answers[0]?.(probeSteps.map(ok))
  await waitFor(() => expect(probe.running.value).toBe(false))
  expect(states(probe)).toEqual(Array(6).fill('ok'))
})

it('listens to its own test only', async () => {
  const probe = useProbe()
  void probe.start(null, draft)
  bridge.emit('probe:changed', { probeId: 'another', steps: [ok('name')] })
  expect(states(probe)[0]).toBe('running')
})

it('forgets a test that was overtaken by a change of the form', async () => {
  const probe = useProbe()
  void probe.start(null, draft)
  await waitFor(() => expect(answers).toHaveLength(1))
  probe.clear()
  answers[0]?.(probeSteps.map(ok))
  await waitFor(() => expect(probe.running.value).toBe(false))
  expect(probe.started.value).toBe(false)
})

it('says why a test could not be made at all', async () => {
  bridge = answeringBridge({
    'registry:probe': () => {
      throw new Refusal({ code: 'INPUT_INVALID', context: {}, detail: null })
    },
  })
  const probe = useProbe()
  await probe.start(null, draft)
  expect(probe.error.value?.code).toBe('INPUT_INVALID')
  expect(states(probe)).toEqual(Array(6).fill('waiting'))
})
