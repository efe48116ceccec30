import { computed, onMounted, onScopeDispose, ref } from 'vue'
import type { DeploymentKey, Statistics } from '@shared/running'
import { useDeploymentsStore } from '@/stores/deployments'
import { useAsync } from './useAsync'

/** What was measured of a deployment, live while it is shown, and the time that its charts end at, in ms. */
export function useStatistics(key: DeploymentKey) {
  const deployments = useDeploymentsStore()
  const { run, error } = useAsync(() => deployments.readStatistics(key))
  const loaded = ref(false)
  const statistics = computed<Statistics | null>(() => deployments.statisticsOf(key))
  /** The newest sample is the edge: the engine's clock and ours may differ. */
  const now = computed(() => {
    const times = statistics.value?.instances.map(({ samples }) => samples.at(-1)?.at ?? 0) ?? []
    return Math.max(0, ...times) || Date.now()
  })

  async function read(): Promise<void> {
    await run()
    loaded.value = true
  }
  onMounted(() => void read())
  onScopeDispose(() => deployments.forgetStatistics(key))
  return { statistics, now, error, loaded, read }
}
