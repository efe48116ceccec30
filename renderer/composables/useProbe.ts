import { probeSteps, type ProbeStep, type RegistryDraft } from '@shared/registry'
import type { ErrorInfo } from '@shared/error'
import { computed, ref, shallowRef } from 'vue'
import { errorInfoOf } from '../call-error'
import { useRegistriesStore } from '../stores/registries'

/** One line of the test: what was found, or that it is being looked at, or still to come. */
export interface ProbeLine {
  step: ProbeStep['step']
  state: ProbeStep['state'] | 'running' | 'waiting'
  result: ProbeStep | null
}

/** Tests a connection step by step; `lines` are always all six, in order. A newer test makes an older one's news void. */
export function useProbe() {
  const registries = useRegistriesStore()
  const steps = shallowRef<ProbeStep[] | null>(null)
  const running = ref(false)
  const error = shallowRef<ErrorInfo | null>(null)
  let latest = 0

  const lines = computed<ProbeLine[]>(() => {
    const found = steps.value ?? []
    const next = probeSteps.find((step) => !found.some((result) => result.step === step))
    return probeSteps.map((step) => {
      const result = found.find((one) => one.step === step) ?? null
      return {
        step,
        state: result?.state ?? (running.value && step === next ? 'running' : 'waiting'),
        result,
      }
    })
  })

  async function start(
    id: string | null,
    draft: RegistryDraft,
    account: { username: string; password: string } | null = null,
  ): Promise<void> {
    const mine = ++latest
    const take = (next: ProbeStep[]): void => {
      if (mine === latest) steps.value = next
    }
    steps.value = []
    error.value = null
    running.value = true
    try {
      take(await registries.probe(id, draft, account, take))
    } catch (thrown) {
      if (mine === latest) error.value = errorInfoOf(thrown)
    } finally {
      if (mine === latest) running.value = false
    }
  }

  /** Forgets the results: what was tested is not what the form holds any more. */
  function clear(): void {
    latest += 1
    steps.value = null
    error.value = null
    running.value = false
  }

  const started = computed(() => steps.value !== null)
  return { start, clear, lines, started, running, error }
}
